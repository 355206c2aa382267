// One turn of the AI: what the visitor asked is answered, or it is said honestly that it cannot be, or people are called.
import type { ConversationRequest } from '../../../domain/conversation/commands.ts';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import type { HandOverCause } from '../../../domain/conversation/values.ts';
import { isRefusal } from '../../../domain/decider.ts';
import { madeAtWith } from '../../../domain/ids.ts';
import type { Histories } from '../../../domain/log/histories.ts';
import type { Signals } from '../../../domain/log/log.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import { handOver } from '../../../domain/policies/handover.ts';
import { type ReadModels, ReadModelsDown } from '../../../projections/read-models.ts';
import type { Conversations } from '../../chat/conversations.ts';
import type { Directory, KnownWidget } from '../../identity/directory.ts';
import type { Tokens } from '../../identity/tokens.ts';
import type { Answer, Answerer, NoAnswer, Passage } from './answerer.ts';
import { type Language, languageOf } from './language.ts';
import { type PastMessage, pastOf } from './past.ts';
import { handedOver, offersPerson, SENTENCES } from './sentences.ts';
import type { Spending } from './spending.ts';
import { summaryOf } from './summary.ts';
import { Telling } from './telling.ts';

export interface AnsweringParts {
  readonly conversations: Conversations;
  readonly histories: Histories;
  readonly directory: Directory;
  readonly knowledge: Pick<ReadModels['knowledge'], 'findPassages'>;
  readonly answerer: Answerer;
  readonly spending: Spending;
  readonly signals: Signals;
  readonly tokens: Tokens;
}

type AiRequest = Extract<ConversationRequest, { type: 'AnswerByAi' | 'FailByAi' }>;

/** What a turn is about. */
interface Turn {
  readonly address: Address;
  readonly state: Conversation;
  readonly widget: KnownWidget;
  /** Version of the visitor's newest message, and when it was stored, in ms since 1970. */
  readonly answers: number;
  readonly askedAt: number;
  readonly messages: readonly PastMessage[];
  /** What the visitor has said since anybody answered. */
  readonly asked: string;
  /** Whether the AI has just offered a person. */
  readonly offered: boolean;
  readonly language: Language;
}

/** Passages of the knowledge base that an answer may rest on. */
const PASSAGES = 6;
/** Who speaks where no model was asked. */
const NOTHING = { model: 'natter', promptTokens: 0, completionTokens: 0, sources: [] };
const ASKED_CHARACTERS = 4_000;
/** Tries of the last step, and the pause between them in ms: an answer that was paid for is worth a few. */
const STORE_TRIES = 4;
const STORE_PAUSE = 500;

/**
 * Takes the AI's turn in a conversation, if it has one. Ends without a word where a person has come, the
 * visitor has written again or `signal` says so: whatever was written then is never stored. Throws
 * LogUnreachable while the log is away; taken again later, the turn changes nothing that was done.
 */
export async function takeTurn(parts: AnsweringParts, address: Address, signal: AbortSignal): Promise<void> {
  const turn = await turnOf(parts, address);
  if (!turn || signal.aborted) return;
  if (turn.widget.config.aiEnabled === false) return store(parts, turn, takenOver(turn, 'switched-off'));
  const { rules, limit } = rulesOf(parts, turn);
  const called = handOver({ text: turn.asked, rules, failuresInARow: 0, offered: turn.offered });
  if (called) return store(parts, turn, takenOver(turn, called.reason));
  if (limit !== null && (await parts.spending.today(address.workspace)) >= limit)
    return store(parts, turn, failed(turn, { failed: 'limit', attempts: 0 }, 0, 'limit'));

  const telling = new Telling(parts.signals, address, turn.answers);
  const began = performance.now();
  try {
    const outcome = await ask(parts, turn, telling, signal);
    if (signal.aborted) return await count(parts, turn, outcome);
    const latencyMs = Math.round(performance.now() - began);
    if ('text' in outcome) {
      const { confidence } = outcome;
      const unsure = handOver({ text: '', rules, failuresInARow: 0, confidence })?.reason;
      await store(parts, turn, answered(turn, outcome, latencyMs, unsure));
      return await count(parts, turn, outcome);
    }
    const { failed: reason, attempts } = outcome;
    if (reason !== 'aborted') {
      const failuresInARow = turn.state.asked.failures + 1;
      const tooOften = handOver({ text: '', rules, failuresInARow })?.reason;
      await store(parts, turn, failed(turn, { failed: reason, attempts }, latencyMs, tooOften));
    }
  } finally {
    telling.end();
  }
}

async function turnOf(parts: AnsweringParts, address: Address): Promise<Turn | undefined> {
  const { conversations, histories, directory } = parts;
  const { state } = await conversations.load(address);
  const { version, answered } = state.asked;
  if (state.status !== 'queued' || state.owner.kind !== 'ai' || version <= answered) return undefined;
  const widget = directory.everWidget(address.workspace, state.widget);
  if (!widget) return undefined;
  const { events } = await histories.read(address);
  const asking = events.find((event) => event.version === version);
  if (!asking) return undefined;
  const { messages } = pastOf(address.id, events);
  const since = messages.slice(messages.findLastIndex(({ from }) => from !== 'visitor') + 1);
  const asked = since
    .map(({ text }) => text)
    .join('\n')
    .slice(-ASKED_CHARACTERS);
  const visitors = messages.flatMap(({ from, text }) => (from === 'visitor' ? [text] : []));
  const language = languageOf(asked) ?? languageOf(visitors.join('\n')) ?? 'en';
  const askedAt = Date.parse(asking.at);
  const before = messages.at(-since.length - 1);
  const offered = before?.from === 'ai' && offersPerson(before.text);
  return { address, state, widget, answers: version, askedAt, messages, asked, offered, language };
}

function rulesOf({ directory }: AnsweringParts, { address, widget }: Turn) {
  const settings = directory.workspace(address.workspace)?.settings;
  return { rules: widget.config.ai.handOver, limit: settings?.aiDailyTokens ?? null };
}

/** What was used is used, also where nobody hears the answer any more. */
async function count(
  { spending }: AnsweringParts,
  { address }: Turn,
  outcome: Answer | NoAnswer,
): Promise<void> {
  if ('text' in outcome)
    await spending.add(address.workspace, outcome.promptTokens + outcome.completionTokens);
}

async function ask(
  { answerer, knowledge, directory }: AnsweringParts,
  { address, widget, messages, asked, language }: Turn,
  telling: Telling,
  signal: AbortSignal,
): Promise<Answer | NoAnswer> {
  // A message of files alone: what is in them is not known here.
  if (asked.trim() === '') return { ...NOTHING, text: SENTENCES[language].doesNotKnow, confidence: 0 };
  const { workspace } = address;
  let passages: readonly Passage[];
  try {
    const found = await knowledge.findPassages({ workspace, text: asked, most: PASSAGES });
    // The lists may lag behind: what was deleted is not quoted any more.
    passages = found.filter(({ article }) => directory.hasArticle(workspace, Number(article)));
  } catch (fault) {
    // Without what the business knows an answer would be a guess.
    if (fault instanceof ReadModelsDown) return { failed: 'unavailable', attempts: 0 };
    throw fault;
  }
  const { businessName, ai } = widget.config;
  const { prompt, tone, model, temperature } = ai;
  const persona = { businessName, prompt, tone, model: model ?? undefined, temperature };
  return answerer.answer({ persona, messages, passages }, (soFar) => telling.wrote(soFar), signal);
}

function answered(
  turn: Turn,
  answer: Answer,
  latencyMs: number,
  cause: HandOverCause | undefined,
): AiRequest {
  const { text, sources, model, promptTokens, completionTokens, confidence } = answer;
  return {
    type: 'AnswerByAi',
    data: {
      answers: turn.answers,
      text: cause ? unsure(turn.language, text) : text,
      sources: sources.slice(0, 8).map(({ article, title }) => ({ article, title: title.slice(0, 200) })),
      model: model.slice(0, 200),
      promptTokens,
      completionTokens,
      latencyMs,
      confidence,
      handOver: cause && { cause, summary: summaryOf([...turn.messages, { from: 'ai', text }]) },
    },
  };
}

/** People come at once: that is said beside the answer, or instead of the offer to call them. */
function unsure(language: Language, text: string): string {
  if (text === SENTENCES[language].doesNotKnow) return handedOver(language, 'doesNotKnow');
  return `${text}\n\n${handedOver(language)}`;
}

function takenOver(turn: Turn, cause: HandOverCause): AiRequest {
  return {
    type: 'AnswerByAi',
    data: {
      answers: turn.answers,
      ...NOTHING,
      latencyMs: 0,
      text: handedOver(turn.language),
      confidence: 1,
      handOver: { cause, summary: summaryOf(turn.messages) },
    },
  };
}

function failed(
  turn: Turn,
  { failed: reason, attempts }: { readonly failed: Failure; readonly attempts: number },
  latencyMs: number,
  cause: HandOverCause | undefined,
): AiRequest {
  const why = reason === 'limit' ? 'limitReached' : 'cannotAnswer';
  return {
    type: 'FailByAi',
    data: {
      answers: turn.answers,
      text: cause ? handedOver(turn.language, why) : SENTENCES[turn.language][why],
      reason,
      attempts,
      model: (turn.widget.config.ai.model ?? '').slice(0, 200),
      latencyMs,
      handOver: cause && { cause, summary: summaryOf(turn.messages) },
    },
  };
}
type Failure = Extract<AiRequest, { type: 'FailByAi' }>['data']['reason'];

/** Stores what is said, once, however often it is tried. A refusal says that it is no longer the AI's turn: then nothing is. */
async function store(
  { conversations, tokens }: AnsweringParts,
  { address, answers, askedAt }: Turn,
  request: AiRequest,
): Promise<void> {
  const command = madeAtWith(askedAt, tokens.derive('ai-turn', `${address.subject} ${answers}`));
  for (let tries = 1; ; tries++) {
    const done = await conversations.handle(address, { ...request, actor: { kind: 'ai' }, command });
    const passes = isRefusal(done) && (done.refused === 'busy' || done.refused === 'unavailable');
    if (!passes || tries === STORE_TRIES) return;
    await new Promise((resolve) => setTimeout(resolve, STORE_PAUSE * tries));
  }
}
