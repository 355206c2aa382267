// Kill -9 under load in the dialects of the documents, over two edges: what was acknowledged is there once, in order, and everybody has seen it alike.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../parts/stack.ts';
import { ask, type Party, Program, SupportParty, stored, WidgetParty } from './dialect-load.ts';

const SESSIONS = 3;
const API_TOKEN = 'a-token-of-programs-for-tests-0001';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ EDGES: '2', API_TOKEN });
}, 180_000);
afterAll(() => stack?.stop(), 60_000);

for (const part of ['edge', 'nats-server', 'postgres'] as const) {
  test(`the ${part} dies, and every dialect has what it acknowledged`, async () => {
    await audited(async () => {
      const [pid] = await stack.pids(part);
      expect(pid, `no ${part} is running`).toBeDefined();
      process.kill(pid as number, 'SIGKILL');
    });
  }, 150_000);
}

test('everything dies at once, and every dialect has what it acknowledged', async () => {
  await audited(async () => {
    await stack.killAll();
    await stack.restart();
  });
}, 180_000);

interface Room {
  readonly conversation: string;
  readonly parties: readonly Party[];
}

async function widgetRoom(index: number): Promise<Room> {
  const conversation = `session_${Date.now()}_${index}`;
  const customer = new WidgetParty(stack, conversation, 'customer');
  await customer.say('customer 0');
  const parties = [
    customer,
    new WidgetParty(stack, conversation, 'agent'),
    new Program(stack, conversation, API_TOKEN),
  ];
  return { conversation, parties };
}

async function supportRoom(index: number): Promise<Room> {
  const { body } = (await ask(stack, 'POST', '/api/auth/token', {}, { userId: `user ${index}` })) ?? {};
  const headers = { authorization: `Bearer ${body.token}` };
  const started = await ask(stack, 'POST', '/api/chat/start-session', headers, {});
  expect(started?.status).toBe(201);
  const conversation: string = started?.body.data.sessionId;
  const transports = [undefined, ['polling'], ['websocket']][index % 3];
  const parties = [
    new SupportParty(stack, conversation, { name: 'user', token: body.token, transports }),
    new SupportParty(stack, conversation, { name: 'agent', token: stack.agent.token }),
    new Program(stack, conversation, API_TOKEN),
  ];
  return { conversation, parties };
}

/** Lets a disaster happen in the middle of many talks, and compares what was acknowledged, stored and seen. */
async function audited(disaster: () => Promise<void>): Promise<void> {
  const indexes = Array.from({ length: SESSIONS }, (_, index) => index);
  const rooms = await Promise.all([...indexes.map(widgetRoom), ...indexes.map(supportRoom)]);
  let talking = true;
  const talk = async (party: Party) => {
    for (let count = 1; talking; count++) {
      await party.say(`${party.name} ${count}`);
      await sleep(20);
    }
  };
  const talks = rooms.flatMap(({ parties }) => parties.map(talk));
  await sleep(2_000);
  await disaster();
  await sleep(4_000);
  talking = false;
  await Promise.all(talks);

  for (const { conversation, parties } of rooms) {
    const truth = (await stored(stack, conversation)) ?? [];
    for (const { name, stored: said } of parties) {
      const theirs = truth.filter(({ text }) => text.startsWith(`${name} `)).map(({ text }) => text);
      expect(said.length, `${name} said something`).toBeGreaterThan(5);
      expect(new Set(theirs).size, `what ${name} said is stored once`).toBe(theirs.length);
      expect(theirs, `what ${name} was told is stored is stored`).toEqual(expect.arrayContaining(said));
      const counts = theirs.map((text) => Number(text.split(' ')[1]));
      expect(counts, `what ${name} said is in order`).toEqual([...counts].sort((a, b) => a - b));
    }
    for (const party of parties) {
      const { seen, hears, name, wrongs } = party;
      if (!seen || !hears) continue;
      const due = truth.filter(hears).map(({ id, text }) => `${id} ${text}`);
      await expect
        .poll(() => party.seen?.map(({ id, text }) => `${id} ${text}`), {
          timeout: 30_000,
          message: `${name} of ${conversation} has seen just what is stored, in that order`,
        })
        .toEqual(due);
      expect(wrongs, `${name} of ${conversation}`).toEqual([]);
    }
  }
  for (const { parties } of rooms) for (const party of parties) party.close();
}
