// `natter ai replay`: a candidate over past conversations, as a table or for programs. Writes nothing to the log.
import { type Command, InvalidArgumentError } from 'commander';
import type { KnownWidget } from '../../edge/identity/directory.ts';
import { type ReplayedTurn, replay, summaryOf } from '../../edge/out/ai/replay.ts';
import { openReadModels, type ReadModels } from '../../projections/read-models.ts';
import { readSettings } from '../settings.ts';
import { type Reached, withServers } from '../wiring/reach.ts';
import { type CandidateOptions, candidateOf } from './candidate.ts';
import { pastConversations } from './past-conversations.ts';

interface ReplayCommandOptions extends CandidateOptions {
  readonly conversations?: readonly string[];
  readonly last: number;
  readonly widget?: string;
  readonly json?: boolean;
}

/** Conversations one replay may have: each of its turns may cost money. */
const MOST = 1_000;
/** Conversations that are listed in order to find those of one widget. */
const LISTED = 1_000;
/** Characters of a text in the table. */
const SHOWN = 48;

/** Adds the command `ai replay`. */
export function addAiCommands(program: Command): void {
  program
    .command('ai')
    .description('tries out what answers visitors')
    .command('replay')
    .description(
      'what a candidate would say in past conversations, up to where people took over; changes nothing',
    )
    .option('--conversations <ids>', 'these conversations, ids separated by commas', idsOf)
    .option('--last <n>', 'the newest conversations', between(1, MOST), 20)
    .option('--widget <site key>', "as this widget; the workspace's first without")
    .option('--prompt <file>', "the business's instructions, instead of the widget's")
    .option('--model <name>', "instead of the widget's, or AI_MODEL")
    .option('--temperature <t>', "0 to 2, instead of the widget's", temperatureOf)
    .option('--json', 'for programs')
    .action((options: ReplayCommandOptions) => withServers((reached) => run(reached, options)));
}

async function run(reached: Reached, options: ReplayCommandOptions): Promise<void> {
  const { storage, databaseUrl } = reached;
  const settings = readSettings(process.env);
  if (!settings.ok) throw new Error(settings.problem);
  const widget = widgetOf(reached, options.widget);
  const { workspace } = widget;
  const candidate = await candidateOf(options, widget, settings.settings);
  const models = openReadModels({
    url: databaseUrl,
    log: storage.log,
    signals: storage.signals,
    connections: 2,
  });
  try {
    const ids = options.conversations ?? (await newest(models, widget, options));
    const turns: ReplayedTurn[] = [];
    const replayed = replay(pastConversations(storage.log, workspace, ids), {
      answerer: candidate.answerer,
      persona: candidate.persona,
      rules: widget.config.ai.handOver,
      findPassages: (text) => models.knowledge.findPassages({ workspace, text, most: 6 }),
      clock: () => performance.now(),
    });
    for await (const turn of replayed) turns.push(turn);
    const summary = summaryOf(turns);
    if (options.json) return console.log(JSON.stringify({ candidate: candidate.name, turns, summary }));
    console.table(turns.map(rowOf));
    console.log(
      `${candidate.name}: ${summary.turns} turns, ${summary.answered} answered, ${summary.failures} failed, ${summary.wouldHandOver} would be handed over; mean confidence ${figure(summary.meanConfidence, 2)}, mean latency ${figure(summary.meanLatency, 0)} ms, ${summary.tokens} tokens.`,
    );
  } finally {
    await candidate.close();
    await models.close();
  }
}

function widgetOf({ parts: { directory } }: Reached, siteKey: string | undefined): KnownWidget {
  if (siteKey !== undefined) {
    const named = directory.widget(siteKey);
    if (!named) throw new Error(`there is no widget with the site key "${siteKey}"`);
    return named;
  }
  const workspace = directory.defaultWorkspace();
  const first = workspace && directory.defaultWidget(workspace.id);
  if (!first) throw new Error('there is no widget yet: start Natter once, or register the first user');
  return first;
}

/** The newest conversations, of the widget where one was named. */
async function newest(
  models: ReadModels,
  { workspace, id }: KnownWidget,
  { last, widget }: ReplayCommandOptions,
): Promise<string[]> {
  const limit = widget === undefined ? last : LISTED;
  const { rows } = await models.inbox.findInbox({ workspace, limit });
  const own = widget === undefined ? rows : rows.filter((row) => row.widget === id);
  return own.slice(0, last).map(({ conversation }) => conversation);
}

function rowOf(turn: ReplayedTurn) {
  return {
    conversation: turn.conversation,
    asked: shortened(turn.asked),
    'said then': turn.saidBy === 'nobody' ? '' : `${turn.saidBy}: ${shortened(turn.saidThen)}`,
    'says now': turn.failed ? `(${turn.failed})` : shortened(turn.saidNow),
    confidence: figure(turn.confidence, 2),
    ms: Math.round(turn.latency),
    tokens: turn.tokens,
    'hands over': turn.handOver ?? '',
  };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line;
}

const figure = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '-';

function idsOf(value: string): string[] {
  const ids = value.split(',').map((id) => id.trim());
  if (ids.length > MOST || ids.includes(''))
    throw new InvalidArgumentError(`it must be 1 to ${MOST} ids separated by commas.`);
  return ids;
}

function between(least: number, most: number): (value: string) => number {
  return (value) => {
    const read = Number(value);
    if (!Number.isSafeInteger(read) || read < least || read > most)
      throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}.`);
    return read;
  };
}

function temperatureOf(value: string): number {
  const read = value.trim() === '' ? Number.NaN : Number(value);
  if (!(read >= 0 && read <= 2)) throw new InvalidArgumentError('it must be a number from 0 to 2.');
  return read;
}
