// Bad frames on every socket there is, made from the schemas of its frames: the documented close or refusal, and nothing half done.

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Frame, SOCKETS } from '../../edge/dialects/sockets.ts';
import { saidOf } from '../../edge/http/description/asyncapi.ts';
import { realFrame } from '../description/real-frame.ts';
import { socketOf } from '../description/recorder.ts';
import type { Session } from '../description/world.ts';
import { caughtUp } from '../edge/http/door.ts';
import { worthless } from './credentials.ts';
import { wrongSentence } from './judge.ts';
import { Line } from './line.ts';
import { anything, described, type Mutation, mutationsOf, several, slotsOf } from './mutations.ts';
import { Stage } from './stage.ts';

/** Frames per example from a seed that is always the same, and from one that never is. */
const RUNS = Number(process.env.BAD_INPUT_RUNS ?? 30);
const RANDOM_RUNS = 5;
const SEED = 20_261_121;
/** How a frame that is allowed, but cannot be carried out, may end a socket. */
const MAY_END = [4400, 4401, 4403, 4404, 4413, 4429];

let stage: Stage;
let session: Session;
let jane: string;

beforeAll(async () => {
  stage = await Stage.open();
  const widget = stage.door.parts.directory.defaultWidget(stage.world.workspace);
  if (!widget) throw new Error('the workspace has no widget');
  session = await stage.world.session(widget);
  jane = await stage.world.tokenOf(stage.world.user(stage.world.jane));
}, 120_000);

afterAll(async () => {
  await stage?.close();
});

/** Where each WebSocket is opened, by somebody who may. */
const ADDRESSES: Readonly<Record<string, () => string>> = {
  native: () => `/ws/v1?token=${jane}`,
  liveChatUser: () => `/ws/live-chat?sessionId=${session.id}`,
  liveChatAdmin: () => `/ws/live-chat?admin=true&token=${jane}`,
  widgetCustomer: () => `/ws/${session.id}`,
  widgetAgent: () => `/ws/agent/${stage.world.jane}?token=${jane}`,
};

test('every socket whose clients may say something is tried here', () => {
  const all = SOCKETS.filter(({ fromClient }) => fromClient.length > 0).map(({ id }) => id);
  expect(all).toEqual([...Object.keys(ADDRESSES), 'support']);
  for (const { fromClient } of SOCKETS)
    for (const frame of fromClient) expect(saidOf(frame).examples.length).toBeGreaterThan(0);
});

/** The frames of one kind, each with something wrong in it. */
function badFrames(frame: Frame, seed: number, runs: number): { what: string; frame: unknown }[] {
  const all = slotsOf(frame.schema).flatMap(mutationsOf);
  const arbitrary = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...all) },
    { weight: 2, arbitrary: several(all) },
    { weight: 1, arbitrary: anything },
  );
  return saidOf(frame).examples.flatMap((example, index) => {
    const message = '65536';
    const right = realFrame(stage.world, example, { session, token: jane, message });
    const made = fc.sample(arbitrary, { seed: seed + index, numRuns: runs });
    return made.map((mutation: Mutation) => ({
      what: `${JSON.stringify(right).slice(0, 80)} · ${described(mutation)}`,
      frame: mutation.apply(right),
    }));
  });
}

const randomSeed = Math.floor(Math.random() * 2 ** 31);
const both = (frame: Frame) => [
  ...badFrames(frame, SEED, RUNS),
  ...badFrames(frame, randomSeed, RANDOM_RUNS),
];

test.each(Object.keys(ADDRESSES))(
  'frames that are none are refused at %s, and nothing happens',
  async (id) => {
    const { fromClient } = socketOf(id);
    const faults: string[] = [];
    const valid: { what: string; frame: unknown }[] = [];
    let line: Line | undefined;
    let count = 0;
    await stage.witness.begin();
    for (const bad of fromClient.flatMap(both)) {
      if (fromClient.some(({ schema }) => schema.safeParse(bad.frame).success)) {
        valid.push(bad);
        continue;
      }
      line = line && !line.ended ? line : await Line.open(stage.door.port, ADDRESSES[id]?.() ?? '');
      const before = line.heard.length;
      await line.say(JSON.stringify(bad.frame ?? null));
      count++;
      const wrong = line.ended ? wrongEnd(line.ended) : await wrongRefusal(id, line, before);
      if (wrong !== undefined) faults.push(`${bad.what}: ${wrong}`);
    }
    const grown = await stage.witness.grown();
    if (grown !== undefined) faults.push(grown);
    for (const { what, frame } of valid) {
      line = line && !line.ended ? line : await Line.open(stage.door.port, ADDRESSES[id]?.() ?? '');
      await line.say(JSON.stringify(frame));
      const { ended } = line;
      if (ended && !MAY_END.includes(ended.code)) faults.push(`${what}: ${ended.code} ${ended.reason}`);
    }
    await sleep(200);
    if (line?.ended && ![...MAY_END, 0].includes(line.ended.code)) faults.push(`at last: ${line.ended.code}`);
    line?.close();
    const fault = stage.witness.fault();
    if (fault !== undefined) faults.push(fault);
    console.info(`${id}: ${count} frames that are none, ${valid.length} that are allowed`);
    expect(faults, `the random seed was ${randomSeed}`).toEqual([]);
    expect(count).toBeGreaterThan(20);
  },
  120_000,
);

function wrongEnd({ code, reason }: NonNullable<Line['ended']>): string | undefined {
  return code === 4400 || code === 4413 ? wrongSentence(reason) : `closed with ${code} ${reason}`;
}

/** What is wrong where the socket stays open: only the native one answers what it cannot read. */
async function wrongRefusal(id: string, line: Line, before: number): Promise<string | undefined> {
  if (id !== 'native') return 'neither closed nor refused';
  const answers = line.heard.slice(before) as { refused?: string; message?: string }[];
  const refusal = answers.find(({ refused }) => refused === 'frame-invalid');
  return refusal ? wrongSentence(refusal.message) : `not refused: ${JSON.stringify(answers).slice(0, 200)}`;
}

test.each(Object.keys(ADDRESSES))(
  'what is no text in JSON ends the socket at %s',
  async (id) => {
    const faults: string[] = [];
    await stage.witness.begin();
    const deep = `{"type":${'['.repeat(15_000)}${']'.repeat(15_000)}}`;
    const texts = [
      ...fc.sample(fc.string({ unit: 'binary', maxLength: 200 }), { seed: SEED, numRuns: 15 }),
      ...fc.sample(fc.json(), { seed: SEED, numRuns: 15 }),
      ...['', '{', '[]', 'null', '"ping"', '{"type":"__proto__"}', '{"type":"constructor"}', deep],
    ];
    const bytes = fc.sample(fc.uint8Array({ maxLength: 200 }), { seed: SEED, numRuns: 10 });
    for (const frame of [...texts, ...bytes]) {
      const line = await Line.open(stage.door.port, ADDRESSES[id]?.() ?? '');
      await line.say(frame);
      const { code, reason } = await line.end();
      if (code !== 4400) faults.push(`${code} ${reason}: ${String(frame).slice(0, 100)}`);
    }
    const line = await Line.open(stage.door.port, ADDRESSES[id]?.() ?? '');
    await line.say(JSON.stringify({ type: 'message', message: 'x'.repeat(70_000) }));
    expect((await line.end()).code).toBe(4413);
    for (const wrong of [await stage.witness.grown(), stage.witness.fault()])
      if (wrong !== undefined) faults.push(wrong);
    expect(faults).toEqual([]);
  },
  60_000,
);

test('nobody is let in at a socket with a worthless token, an odd id, or as somebody else', async () => {
  const tokens = await worthless(stage);
  const faults: string[] = [];
  const refused = async (path: string, ...codes: readonly number[]) => {
    const line = await Line.open(stage.door.port, path);
    const { code, reason } = await line.end();
    if (!codes.includes(code)) faults.push(`${path.slice(0, 120)}: ${code} ${reason}`);
    line.close();
  };
  await stage.witness.begin();
  for (const token of Object.values(tokens)) {
    const said = encodeURIComponent(token);
    await refused(`/ws/v1?token=${said}`, 4401);
    await refused(`/ws/live-chat?admin=true&token=${said}`, 4401);
    await refused(`/ws/agent/${stage.world.jane}?token=${said}`, 4401);
    await refused(`/ws/v1?conversation=${session.id}&visitorToken=${said}`, 4401);
    await refused(`/ws/live-chat?sessionId=${session.id}&visitorToken=${said}`, 4401);
    await refused(`/ws/${session.id}?visitorToken=${said}`, 4401);
  }
  await refused('/ws/live-chat', 4401);
  await refused(`/ws/live-chat?admin=true&userId=${stage.world.bob}&token=${jane}`, 4403);
  await refused(`/ws/agent/${stage.world.bob}?token=${jane}`, 4403);
  for (const id of ['a b', 'a.b', '*', '>', '%00', '%ZZ', '__proto__%20', 'x'.repeat(65), '%F0%9F%98%80']) {
    await refused(`/ws/v1?conversation=${id}`, 4404);
    await refused(`/ws/live-chat?sessionId=${id}`, 4404);
    await refused(`/ws/${id}`, 4404);
    await refused(`/ws/agent/${id}?token=${jane}`, 4403);
  }
  await refused('/ws/v1?conversation=nobody-began-this', 4404);
  await refused('/ws/live-chat?sessionId=nobody-began-this', 4404);
  for (const wrong of [await stage.witness.grown(), stage.witness.fault()])
    if (wrong !== undefined) faults.push(wrong);
  expect(faults).toEqual([]);
}, 60_000);

test('what an agent says in another business’s session, or in none, happens to nobody', async () => {
  const faults: string[] = [];
  await stage.witness.begin();
  const { session: theirs } = stage.stranger;
  const nobody = { ...theirs, id: 'nobody-began-this' };
  for (const id of ['native', 'liveChatAdmin', 'widgetAgent']) {
    const line = await Line.open(stage.door.port, ADDRESSES[id]?.() ?? '');
    for (const frame of socketOf(id).fromClient)
      for (const example of saidOf(frame).examples)
        for (const meant of [theirs, nobody])
          await line.say(
            JSON.stringify(
              realFrame(stage.world, example, { session: meant, token: jane, message: '65536' }),
            ),
          );
    await sleep(300);
    const told = JSON.stringify(line.heard);
    if (/"ok":true,"sequence"|chat_accepted|"event":\{|Olga/.test(told))
      faults.push(`${id}: ${told.slice(0, 500)}`);
    if (line.ended) faults.push(`${id}: ${line.ended.code} ${line.ended.reason}`);
    line.close();
  }
  for (const wrong of [await stage.witness.grown(), stage.witness.fault()])
    if (wrong !== undefined) faults.push(wrong);
  expect(faults).toEqual([]);
  await caughtUp(stage.servers);
}, 60_000);
