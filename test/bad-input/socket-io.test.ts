// Bad events and bad clients of the support dialect over Socket.IO: refused in the acknowledgement or at the door, and nothing half done.

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Frame } from '../../edge/dialects/sockets.ts';
import { saidOf } from '../../edge/http/description/asyncapi.ts';
import { realFrame } from '../description/real-frame.ts';
import { socketOf } from '../description/recorder.ts';
import type { Session } from '../description/world.ts';
import { guestToken, worthless } from './credentials.ts';
import { wrongSentence } from './judge.ts';
import { Line } from './line.ts';
import { anything, described, mutationsOf, several, slotsOf } from './mutations.ts';
import { Stage } from './stage.ts';

const RUNS = Number(process.env.BAD_INPUT_RUNS ?? 40);
const RANDOM_RUNS = 8;
const SEED = 20_261_121;
const randomSeed = Math.floor(Math.random() * 2 ** 31);

let stage: Stage;
let session: Session;
const open = new Set<Socket>();

beforeAll(async () => {
  stage = await Stage.open();
  const widget = stage.door.parts.directory.defaultWidget(stage.world.workspace);
  if (!widget) throw new Error('the workspace has no widget');
  session = await stage.world.session(widget);
}, 120_000);

afterAll(async () => {
  for (const socket of open) socket.close();
  await stage?.close();
});

async function connect(auth: unknown): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${stage.door.port}`, {
    forceNew: true,
    reconnection: false,
    auth: auth as Record<string, unknown>,
  });
  open.add(socket);
  await new Promise((resolve, reject) =>
    socket.once('connect', () => resolve(undefined)).once('connect_error', reject),
  );
  return socket;
}

interface Answer {
  readonly success: boolean;
  readonly message?: unknown;
}

const { fromClient } = socketOf('support');

function badPayloads(frame: Frame, seed: number, numRuns: number): { what: string; payload: unknown }[] {
  const all = slotsOf(frame.schema).flatMap(mutationsOf);
  const arbitrary = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...all) },
    { weight: 2, arbitrary: several(all) },
    { weight: 1, arbitrary: anything },
  );
  const [example] = saidOf(frame).examples;
  const right = realFrame(stage.world, example, { session, token: '' });
  return fc.sample(arbitrary, { seed, numRuns }).map((mutation) => ({
    what: `${frame.event} · ${described(mutation)}`,
    payload: mutation.apply(right),
  }));
}

test.each(['an agent', 'a guest'])(
  'payloads that are none are refused to %s, and nothing happens',
  async (who) => {
    const token =
      who === 'an agent'
        ? await stage.world.tokenOf(stage.world.user(stage.world.jane))
        : await guestToken(stage);
    const socket = await connect({ token });
    const faults: string[] = [];
    const valid: { event: string; what: string; payload: unknown }[] = [];
    let count = 0;
    await stage.witness.begin();
    for (const frame of fromClient) {
      const { event = '', schema } = frame;
      for (const { what, payload } of [
        ...badPayloads(frame, SEED, RUNS),
        ...badPayloads(frame, randomSeed, RANDOM_RUNS),
      ]) {
        if (schema.safeParse(payload ?? {}).success) {
          valid.push({ event, what, payload });
          continue;
        }
        const answer: Answer = await socket.timeout(5_000).emitWithAck(event, payload);
        count++;
        const wrong = answer.success ? 'was taken' : wrongSentence(answer.message);
        if (wrong !== undefined) faults.push(`${what}: ${wrong}`);
      }
    }
    const grown = await stage.witness.grown();
    if (grown !== undefined) faults.push(grown);
    for (const { event, what, payload } of valid) {
      const answer: Answer = await socket.timeout(5_000).emitWithAck(event, payload);
      const wrong = answer.success ? undefined : wrongSentence(answer.message);
      if (wrong !== undefined) faults.push(`${what}: ${wrong}`);
    }
    expect(socket.connected).toBe(true);
    const fault = stage.witness.fault();
    if (fault !== undefined) faults.push(fault);
    console.info(`support, ${who}: ${count} payloads that are none, ${valid.length} that are allowed`);
    expect(faults, `the random seed was ${randomSeed}`).toEqual([]);
    expect(count).toBeGreaterThan(50);
  },
  60_000,
);

test('events nobody knows are refused, with and without an acknowledgement', async () => {
  const socket = await connect({ token: await guestToken(stage) });
  const errors: Answer[] = [];
  socket.on('error', (told: Answer) => errors.push(told));
  const names = [
    'no_such_event',
    '',
    '__proto__',
    'constructor',
    'toString',
    'new_message',
    'x'.repeat(5_000),
  ];
  await stage.witness.begin();
  for (const name of names) {
    const answer: Answer = await socket.timeout(5_000).emitWithAck(name, { sessionId: session.id });
    expect([name, answer]).toEqual([name, { success: false, message: 'There is no such event' }]);
    socket.emit(name, { sessionId: session.id });
  }
  socket.emit('send_message');
  await expect.poll(() => errors.length, { timeout: 5_000 }).toBe(names.length + 1);
  expect(errors.map(({ message }) => wrongSentence(message)).filter((wrong) => wrong !== undefined)).toEqual(
    [],
  );
  expect([await stage.witness.grown(), stage.witness.fault()]).toEqual([undefined, undefined]);
});

test('nobody connects with what is worth nothing', async () => {
  const tokens = Object.values(await worthless(stage));
  await stage.witness.begin();
  const auths: unknown[] = [
    undefined,
    {},
    { token: '' },
    { token: null },
    { token: 12 },
    { token: ['x'] },
    { token: { toString: 1 } },
    { token: 'x'.repeat(5_000) },
    { apiKey: 'wrong' },
    JSON.parse('{"__proto__":{"token":"x"}}'),
    ...tokens.map((token) => ({ token })),
  ];
  for (const auth of auths) {
    const refusal = await connect(auth).then(
      () => 'let in',
      (error: Error) => error.message,
    );
    expect([auth, refusal]).toEqual([
      auth,
      expect.stringMatching(/^(?:Authentication required|Invalid or expired token)$/),
    ]);
  }
  expect([await stage.witness.grown(), stage.witness.fault()]).toEqual([undefined, undefined]);
}, 60_000);

test('what is no packet of the protocol harms nobody', async () => {
  await stage.witness.begin();
  const packets: (string | Uint8Array)[] = [
    ...fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }), { seed: SEED, numRuns: 20 }),
    ...fc.sample(fc.uint8Array({ minLength: 1, maxLength: 100 }), { seed: SEED, numRuns: 10 }),
    ...['4', '42', '42[]', '42["join_session"', '42[null]', '42[{}]', '42{"a":1}', '40{"token":', '40null'],
    ...['451-["send_message",{"_placeholder":true,"num":0}]', '49999999999["x"]', '40/other,{}', '1', '7'],
  ];
  for (const packet of packets) {
    const line = await Line.open(stage.door.port, '/socket.io/?EIO=4&transport=websocket').catch(
      () => undefined,
    );
    await line?.say(packet).catch(() => undefined);
    line?.close();
  }
  for (const body of ['', 'x', '40{', '4\u001e4', 'b!!!', '9'.repeat(10)]) {
    const address = `http://127.0.0.1:${stage.door.port}/socket.io/?EIO=4&transport=polling`;
    const opened = await fetch(address);
    const { sid } = JSON.parse((await opened.text()).slice(1)) as { sid: string };
    const posted = await fetch(`${address}&sid=${sid}`, { method: 'POST', body });
    expect(posted.status).toBeLessThan(500);
    const unknown = await fetch(`${address}&sid=${encodeURIComponent(body)}nobody`, { method: 'POST', body });
    expect(unknown.status).toBe(400);
  }
  await sleep(200);
  expect([await stage.witness.grown(), stage.witness.fault()]).toEqual([undefined, undefined]);
  // Others are served all the same.
  const socket = await connect({ token: await guestToken(stage) });
  const answer: Answer = await socket.timeout(5_000).emitWithAck('join_session', { sessionId: session.id });
  expect(answer.success).toBe(true);
}, 60_000);
