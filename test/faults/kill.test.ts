// Kill -9 of each part and of everything, under load: afterwards every acknowledged message is there once, in order, for both sides.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../parts/stack.ts';
import { agent, type Speaker, startConversation, visitor } from './load.ts';

const CONVERSATIONS = 8;

describe('under load, with kill -9', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  }, 180_000);
  afterAll(() => stack?.stop(), 60_000);

  for (const part of ['edge', 'nats-server', 'postgres', 'projector', 'worker'] as const) {
    test(`the ${part} dies and nothing acknowledged is lost, shown twice or out of order`, async () => {
      await audited(stack, async () => {
        const [pid] = await stack.pids(part);
        expect(pid, `no ${part} is running`).toBeDefined();
        process.kill(pid as number, 'SIGKILL');
        await sleep(1_500);
      });
    }, 120_000);
  }

  test('everything dies at once and the next start has it all', async () => {
    await audited(stack, async () => {
      await stack.killAll();
      await stack.restart();
    });
  }, 180_000);
});

/** Runs talk in several conversations, lets `disaster` happen in the middle, and then compares what was acknowledged with what both sides saw and with a fresh read. */
async function audited(stack: Stack, disaster: () => Promise<void>): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: CONVERSATIONS }, async () => {
      const started = await startConversation(stack);
      return { started, visitor: visitor(stack, started), agent: agent(stack, started.conversation) };
    }),
  );
  const running = pairs.flatMap((pair) => [pair.visitor.run(), pair.agent.run()]);
  let talking = true;
  const talk = async (speaker: Speaker, who: string) => {
    for (let count = 1; talking; count++) {
      await speaker.say(`${who} ${count}`);
      await sleep(5);
    }
  };
  const talks = pairs.flatMap((pair) => [talk(pair.visitor, 'visitor'), talk(pair.agent, 'agent')]);
  await sleep(1_500);
  await disaster();
  await sleep(2_500);
  talking = false;
  await Promise.all(talks);
  await settled(pairs.flatMap((pair) => [pair.visitor, pair.agent]));

  for (const pair of pairs) {
    const reader = visitor(stack, pair.started);
    const reading = reader.run();
    const acknowledged = [...pair.visitor.acknowledged, ...pair.agent.acknowledged];
    await until(() =>
      reader.seen.some((event) => event.version >= Math.max(...acknowledged.map(({ version }) => version))),
    );
    reader.close();
    await reading;

    const stored = reader.seen.flatMap((event) =>
      event.type === 'MessagePosted' && event.text ? [event.text] : [],
    );
    expect(pair.visitor.acknowledged.length).toBeGreaterThan(20);
    for (const { text } of acknowledged)
      expect(
        stored.filter((one) => one === text),
        `"${text}" is stored once`,
      ).toHaveLength(1);
    for (const who of ['visitor', 'agent']) {
      const said = stored.filter((text) => text.startsWith(who)).map((text) => Number(text.split(' ')[1]));
      expect(said, `${who} in order`).toEqual([...said].sort((a, b) => a - b));
    }
    for (const speaker of [pair.visitor, pair.agent]) {
      const shown = speaker.seen.flatMap((event) =>
        event.type === 'MessagePosted' && event.text ? [event.text] : [],
      );
      expect(shown, 'both sides saw just what is stored, in that order').toEqual(stored);
    }
  }
  for (const pair of pairs) {
    pair.visitor.close();
    pair.agent.close();
  }
  await Promise.all(running);
}

/** Waits until nobody has anything new to see. */
async function settled(speakers: Speaker[]): Promise<void> {
  const heads = new Map<string, number>();
  await until(() => {
    for (const { conversation, acknowledged } of speakers) {
      heads.set(
        conversation,
        Math.max(heads.get(conversation) ?? 0, ...acknowledged.map(({ version }) => version)),
      );
    }
    return speakers.every(
      (speaker) => (speaker.seen.at(-1)?.version ?? 0) >= (heads.get(speaker.conversation) ?? 0),
    );
  });
}

async function until(met: () => boolean): Promise<void> {
  for (let waited = 0; waited < 40_000; waited += 50) {
    if (met()) return;
    await sleep(50);
  }
  throw new Error('waited 40 s in vain');
}
