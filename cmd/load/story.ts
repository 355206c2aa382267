// How a support conversation goes: who writes when, who notes, closes and rates.
import type { Actor } from '../../domain/actor.ts';
import type { AgentRef } from '../../domain/conversation/values.ts';
import { makeOrigin, makeVisitor } from './people.ts';
import type { Randomness } from './randomness.ts';
import type { Telling } from './telling.ts';
import { CITIES, DAYS, FEEDBACK, PRODUCTS, TOPICS, type Topic } from './topics.ts';

/** Who may appear: internal id of a widget, and agents by their public number. */
export interface Cast {
  readonly widget: string;
  readonly agents: readonly AgentRef[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const visitor: Actor = { kind: 'visitor' };
const system: Actor = { kind: 'system' };
const acting = (agent: AgentRef): Actor => ({ kind: 'agent', id: agent.id });

/** Tells one conversation from its start. Without agents in the cast nobody answers. */
export function tellStory(telling: Telling, random: Randomness, cast: Cast): void {
  const topic = random.pick(TOPICS);
  const who = makeVisitor(random);
  telling.ask(0, visitor, {
    type: 'StartConversation',
    data: {
      widget: cast.widget,
      visitor: who,
      origin: makeOrigin(random),
      department: random.chance(0.8) ? topic.department : 'general',
      ...(who.name ? { welcome: `Welcome ${who.name}! A support agent will be with you shortly.` } : {}),
    },
  });
  const fill = blanks(random, who.name);
  const [first] = topic.lines;
  if (first) telling.ask(random.wait(8 * SECOND), visitor, message(fill(first[1], ''), who.name));
  if (random.chance(0.08))
    telling.ask(random.wait(MINUTE), system, {
      type: 'SetPriority',
      data: { priority: random.pick(['high', 'urgent', 'low']) },
    });
  const agent = cast.agents.length > 0 && random.chance(0.94) ? random.pick(cast.agents) : undefined;
  if (!agent) {
    // Nobody came in time: the visitor leaves, or still waits.
    if (random.chance(0.7))
      telling.ask(10 * MINUTE + random.wait(HOUR), visitor, { type: 'CloseConversation', data: {} });
    return;
  }
  const last = talk(telling, random, cast, topic, agent, fill, who.name);
  finish(telling, random, last, topic);
}

function talk(
  telling: Telling,
  random: Randomness,
  cast: Cast,
  topic: Topic,
  agent: AgentRef,
  fill: (line: string, agent: string) => string,
  name: string | undefined,
): AgentRef {
  let owner = agent;
  telling.ask(5 * SECOND + random.wait(2 * MINUTE), acting(owner), {
    type: 'AssignAgent',
    data: { agent: owner },
  });
  telling.ask(random.wait(4 * SECOND), acting(owner), {
    type: 'MarkRead',
    data: { upTo: Math.max(1, telling.version) },
  });
  const length = random.whole(3, topic.lines.length);
  for (const [side, line] of topic.lines.slice(1, length)) {
    if (side === 'v')
      telling.ask(6 * SECOND + random.wait(40 * SECOND), visitor, message(fill(line, owner.name), name));
    else {
      const data = { text: fill(line, owner.name), name: owner.name, reopenDays: 0 };
      telling.ask(8 * SECOND + random.wait(MINUTE), acting(owner), { type: 'PostMessage', data });
      if (random.chance(0.6))
        telling.ask(random.wait(5 * SECOND), visitor, { type: 'MarkRead', data: { upTo: telling.version } });
    }
    const colleague = random.pick(cast.agents);
    if (colleague.id !== owner.id && random.chance(0.02)) {
      telling.ask(random.wait(MINUTE), acting(owner), {
        type: 'TransferConversation',
        data: { to: colleague, reason: 'Knows more about this' },
      });
      owner = colleague;
    }
  }
  telling.ask(random.wait(5 * SECOND), acting(owner), {
    type: 'MarkRead',
    data: { upTo: Math.max(1, telling.version) },
  });
  if (random.chance(0.25))
    telling.ask(random.wait(MINUTE), acting(owner), {
      type: 'AddNote',
      data: { text: random.pick(topic.notes), author: owner },
    });
  if (random.chance(0.4))
    telling.ask(random.wait(20 * SECOND), acting(owner), {
      type: 'SetTags',
      data: { tags: [...topic.tags] },
    });
  return owner;
}

function finish(telling: Telling, random: Randomness, agent: AgentRef, topic: Topic): void {
  // Nobody may be left with more than an agent takes: what would stay open was closed for silence.
  if (random.chance(0.07)) {
    telling.ask(HOUR + random.wait(HOUR), system, { type: 'CloseConversation', data: { reason: 'idle' } });
    return;
  }
  const by = random.chance(0.7) ? acting(agent) : visitor;
  const reason = random.chance(0.3) ? { reason: 'resolved' } : {};
  telling.ask(MINUTE + random.wait(5 * MINUTE), by, { type: 'CloseConversation', data: reason });
  if (random.chance(0.45)) {
    const score = random.pick([5, 5, 5, 5, 4, 4, 4, 3, 2, 1]);
    telling.ask(5 * SECOND + random.wait(40 * SECOND), visitor, {
      type: 'RateConversation',
      data: { score, feedback: random.pick(FEEDBACK[score] ?? ['']) },
    });
  }
  if (random.chance(0.05)) {
    // Something comes back to the visitor's mind the next day.
    telling.ask(
      20 * HOUR + random.wait(6 * HOUR),
      visitor,
      message('One more thing, is it all right if I write here again?', undefined),
    );
    telling.ask(random.wait(10 * MINUTE), acting(agent), {
      type: 'PostMessage',
      data: { text: 'Always. What is it about?', name: agent.name, mayJoin: true, reopenDays: 0 },
    });
    telling.ask(random.wait(5 * MINUTE), acting(agent), {
      type: 'SetTags',
      data: { tags: [...topic.tags, 'follow-up'] },
    });
    telling.ask(10 * MINUTE + random.wait(HOUR), acting(agent), { type: 'CloseConversation', data: {} });
  }
  if (random.chance(0.2))
    telling.ask(48 * HOUR + random.wait(24 * HOUR), system, { type: 'ArchiveConversation', data: {} });
  if (random.chance(0.002))
    telling.ask(
      HOUR + random.wait(48 * HOUR),
      { kind: 'api' },
      { type: 'EraseConversation', data: { reason: 'Asked for by the visitor' } },
    );
}

function message(text: string, name: string | undefined) {
  return { type: 'PostMessage' as const, data: { text, ...(name ? { name } : {}), reopenDays: 7 } };
}

/** Fills one telling's blanks, the same way in each of its lines. */
function blanks(random: Randomness, name: string | undefined): (line: string, agent: string) => string {
  const values: Record<string, string> = {
    order: `HC-${random.whole(10_000, 99_999)}`,
    product: random.pick(PRODUCTS),
    amount: `€${random.whole(9, 240)}.${random.pick(['00', '50', '90'])}`,
    day: random.pick(DAYS),
    city: random.pick(CITIES),
    code: `${random.pick(['SPRING', 'WELCOME', 'CREMA'])}${random.whole(10, 99)}`,
    name: name?.split(' ')[0] ?? 'there',
  };
  return (line, agent) =>
    line.replace(/\{(\w+)\}/g, (_, blank: string) =>
      blank === 'agent' ? (agent.split(' ')[0] ?? '') : (values[blank] ?? ''),
    );
}
