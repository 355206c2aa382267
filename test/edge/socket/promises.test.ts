// What the sockets promise whatever happens: no gap, no duplicate, nothing skipped in silence.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCommit, encodeEvent } from '../../../domain/log/commit.ts';
import type { Log, Storage } from '../../../domain/log/log.ts';
import { MAX_REPLAY, type WireEvent } from '../../../domain/wire.ts';
import { socketCounters } from '../../../edge/socket/counters.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let one: TestEdge;
let two: TestEdge;
let business: Business;
/** While true the second edge loses every live copy. */
let deaf = false;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  one = await startEdge(nats);
  two = await startEdge(nats, { wrap: losing });
  business = await found(one);
  await two.edge.conversations.load(
    two.edge.storage.log.subjects.conversation(business.workspace, 'warm-up'),
  );
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await nats?.stop();
});

/** A storage whose live copies get lost while `deaf`. */
function losing(storage: Storage): Storage {
  const log: Log = new Proxy(storage.log, {
    get(target, name) {
      if (name === 'live')
        return ((what, listener) =>
          target.live(what, (stored) => {
            if (!deaf) listener(stored);
          })) satisfies Log['live'];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...storage, log };
}

const chain = (events: readonly WireEvent[], from = 0) => {
  let at = from;
  for (const event of events) {
    expect(event.previous).toBe(at);
    at = event.version;
  }
  return at;
};

describe('two edges on one log', () => {
  test('each shows what is said at the other, once and in order', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    const agent = await Talker.connect(two.port, { token: business.agent.token });
    await visitor.resume(conversation);
    await agent.resume(conversation);
    const talk = async (side: Talker, name: string) => {
      for (let count = 0; count < 50; count++)
        expect(await side.post(conversation, `${name} ${count}`)).toMatchObject({ ok: true });
    };
    await Promise.all([talk(visitor, 'visitor'), talk(agent, 'agent')]);
    await visitor.when(() => visitor.texts.length === 101);
    await agent.when(() => agent.texts.length === 101);
    chain(visitor.events);
    chain(agent.events);
    expect(agent.texts).toEqual(visitor.texts);
    for (const name of ['visitor', 'agent'])
      expect(visitor.texts.filter((text) => text.startsWith(`${name} `))).toEqual(
        Array.from({ length: 50 }, (_, count) => `${name} ${count}`),
      );
  });

  test('a console is told of conversations that were started at the other edge', async () => {
    const agent = await Talker.connect(two.port, { token: business.agent.token });
    await agent.ask({ watch: true });
    const { conversation } = await open(one, business.workspace);
    await agent.when(() =>
      agent.frames.some(
        (frame) => 'inbox' in frame && frame.inbox.changed.some((row) => row.conversation === conversation),
      ),
    );
  });
});

describe('lost live copies', () => {
  test('a lost one in the middle shows with the next, and is read from the log', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    const agent = await Talker.connect(two.port, { token: business.agent.token });
    await agent.resume(conversation);
    deaf = true;
    await visitor.post(conversation, 'lost');
    await sleep(200);
    deaf = false;
    await visitor.post(conversation, 'heard');
    await agent.when(() => agent.texts.includes('heard'));
    expect(agent.texts).toEqual(['Welcome Vera!', 'lost', 'heard']);
    chain(agent.events);
  });

  test('a lost last one is found within 5 s', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    const agent = await Talker.connect(two.port, { token: business.agent.token });
    await agent.resume(conversation);
    deaf = true;
    try {
      await visitor.post(conversation, 'the last word');
      await agent.when(() => agent.texts.includes('the last word'), 5_000);
    } finally {
      deaf = false;
    }
    chain(agent.events);
  });
});

describe('resume', () => {
  test('whatever the moments at which a socket breaks, the view is the log', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    let seed = 42;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    let talking = true;
    const view: WireEvent[] = [];
    const listener = (async () => {
      for (let round = 0; talking || round < 3; round++) {
        const side = await Talker.connect(random() < 0.5 ? one.port : two.port, {
          token: business.agent.token,
        });
        void side.resume(conversation, view.at(-1)?.version ?? 0).catch(() => undefined);
        await sleep(random() * 60);
        side.close();
        view.push(...side.events);
      }
    })();
    for (let count = 0; count < 300; count++) await visitor.post(conversation, `line ${count}`);
    talking = false;
    await listener;
    const last = await Talker.connect(two.port, { token: business.agent.token });
    await last.resume(conversation, view.at(-1)?.version ?? 0);
    view.push(...last.events);
    chain(view);
    const whole = await Talker.connect(one.port, { token: business.agent.token });
    await whole.resume(conversation);
    expect(view.map((event) => event.version)).toEqual(whole.events.map((event) => event.version));
    expect(view.filter((event) => event.type === 'MessagePosted')).toHaveLength(301);
  }, 60_000);

  test('replays while others go on writing, without gap or duplicate', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    for (let count = 0; count < 100; count++) await visitor.post(conversation, `before ${count}`);
    const writing = (async () => {
      for (let count = 0; count < 100; count++) await visitor.post(conversation, `during ${count}`);
    })();
    const readers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await sleep(index * 5);
        const reader = await Talker.connect(index % 2 ? one.port : two.port, { token: business.agent.token });
        await reader.resume(conversation, 0);
        return reader;
      }),
    );
    await writing;
    for (const reader of readers) {
      await reader.when(() => reader.texts.includes('during 99'));
      chain(reader.events);
      expect(reader.texts).toHaveLength(201);
    }
  }, 60_000);

  test('asked again and again on one socket, it still shows each event once', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    await visitor.resume(conversation);
    const { events } = visitor;
    expect(await visitor.resume(conversation, chain(events))).toMatchObject({ ok: true, version: 2 });
    await visitor.post(conversation, 'x');
    expect(chain(visitor.events)).toBe(3);
  });

  test('a client that claims to have what the log has not is given what there is', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    expect(await visitor.resume(conversation, 99)).toMatchObject({
      snapshot: { version: 2, erased: false, summary: { status: 'queued', tags: [] } },
    });
    await visitor.post(conversation, 'on we go');
    await visitor.when(() => visitor.events.some((event) => event.version === 3 && event.previous === 2));
  });

  test('5,000 missed events are replayed, 5,001 answered with a snapshot', async () => {
    const conversation = `long-${v7()}`;
    const { visitorToken } = await open(one, business.workspace, conversation);
    const { log } = one.edge.storage;
    const address = log.subjects.conversation(business.workspace, conversation);
    const line = (count: number) =>
      encodeEvent({
        type: 'MessagePosted',
        data: { text: `line ${count}`, attachments: [], author: { kind: 'visitor' } },
        actor: { kind: 'visitor' },
        command: v7(),
      });
    let version = 2;
    while (version < MAX_REPLAY + 1) {
      const size = Math.min(250, MAX_REPLAY + 1 - version);
      const lines = Array.from({ length: size }, (_, index) => line(version + index + 1));
      const [tail = 0] = await log.tails([address]);
      await log.append(address, encodeCommit(version + 1, new Date().toISOString(), lines), tail);
      version += size;
    }
    const visitor = await Talker.connect(two.port, { conversation, visitorToken });
    expect(await visitor.resume(conversation, 1)).toMatchObject({ ok: true, version: MAX_REPLAY + 1 });
    expect(visitor.events).toHaveLength(MAX_REPLAY);
    chain(visitor.events, 1);
    const fresh = await Talker.connect(one.port, { conversation, visitorToken });
    const answer = await fresh.resume(conversation, 0);
    expect(answer).toMatchObject({ snapshot: { version: MAX_REPLAY + 1, erased: false } });
    const { events } = answer.snapshot as { events: WireEvent[] };
    expect(events.length).toBeGreaterThan(200);
    expect(events.at(-1)?.version).toBe(MAX_REPLAY + 1);
    chain(events.slice(1), events[0]?.version);
    await fresh.post(conversation, 'and on');
    await fresh.when(() => fresh.texts.includes('and on'));
    expect(fresh.events.map((event) => event.previous)).toEqual([MAX_REPLAY + 1]);
  }, 60_000);
});

describe('a reader who does not read', () => {
  test('is closed with 4508, and finds everything when it comes back', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    const slow = await Talker.connect(one.port, { token: business.agent.token });
    await slow.resume(conversation);
    slow.socket.pause();
    const closedBefore = socketCounters.tooSlow;
    let said = 0;
    const say = () => visitor.post(conversation, `${said++} ${'x'.repeat(9_000)}`);
    while (socketCounters.tooSlow === closedBefore && said < 3_000) await say();
    // The close waits behind what was sent, for some seconds: after that the line is simply cut.
    slow.socket.resume();
    expect((await slow.closed).code).toBe(4508);
    await say();
    const last = chain(slow.events);
    expect(slow.texts.length).toBeLessThan(said + 1);
    const back = await Talker.connect(one.port, { token: business.agent.token });
    await back.resume(conversation, last);
    chain(back.events, last);
    expect(slow.texts.length + back.texts.length).toBe(said + 1);
  }, 60_000);

  test('and a long replay to a reader in no hurry is not held against it', async () => {
    const { conversation, visitorToken } = await open(one, business.workspace);
    const visitor = await Talker.connect(one.port, { conversation, visitorToken });
    for (let count = 0; count < 900; count++)
      await visitor.post(conversation, `${count} ${'x'.repeat(9_000)}`);
    const reader = await Talker.connect(two.port, { token: business.agent.token });
    const answer = reader.ask({ resume: { conversation, after: 0 } });
    for (let pauses = 0; pauses < 8; pauses++) {
      reader.socket.pause();
      await sleep(100);
      reader.socket.resume();
      await sleep(20);
    }
    expect(await answer).toMatchObject({ ok: true });
    expect(reader.texts).toHaveLength(901);
    chain(reader.events);
  }, 60_000);
});

describe('the log’s servers', () => {
  test('may die and come back: what was said meanwhile at another edge is shown, once and in order', async () => {
    const own = await startTestNats('newest', { dataDir: await mkdtemp(join(tmpdir(), 'natter-sockets-')) });
    const first = await startEdge(own);
    const second = await startEdge(own);
    const acme = await found(first);
    const { conversation, visitorToken } = await open(first, acme.workspace);
    const visitor = await Talker.connect(first.port, { conversation, visitorToken });
    const agent = await Talker.connect(second.port, { token: acme.agent.token });
    const watcher = await Talker.connect(second.port, { token: acme.agent.token });
    await watcher.ask({ watch: true });
    await agent.resume(conversation);
    await visitor.post(conversation, 'before');
    await own.kill();
    // Sent while nobody can store it: answered once somebody can, or refused and safe to send again.
    const command = v7();
    const during = visitor.post(conversation, 'during', command);
    const again = await startTestNats('newest', { dataDir: own.dataDir });
    let answer = await during;
    for (let tries = 0; 'refused' in answer && tries < 50; tries++) {
      expect(['unavailable', 'busy']).toContain(answer.refused);
      await sleep(200);
      answer = await visitor.post(conversation, 'during', command);
    }
    expect(answer).toMatchObject({ ok: true });
    await visitor.post(conversation, 'after');
    await agent.when(() => agent.texts.includes('after'), 15_000);
    chain(agent.events);
    expect(agent.texts).toEqual(['Welcome Vera!', 'before', 'during', 'after']);
    await watcher.when(
      () =>
        watcher.frames.some(
          (frame) => 'inbox' in frame && frame.inbox.changed.some((row) => row.lastMessage?.text === 'after'),
        ),
      15_000,
    );
    await first.close();
    await second.close();
    await again.stop();
    await rm(own.dataDir, { recursive: true, force: true });
  }, 60_000);
});

describe('leaving', () => {
  test('a draining edge closes its sockets with 4503, spread over the time given', async () => {
    const third = await startEdge(nats);
    const talkers = await Promise.all(
      Array.from({ length: 20 }, () => Talker.connect(third.port, { token: business.agent.token })),
    );
    await third.server.drain(1);
    const closes = await Promise.all(talkers.map((talker) => talker.closed));
    expect(new Set(closes.map((close) => close.code))).toEqual(new Set([4503]));
    const times = closes.map((close) => close.at);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(500);
    expect((await Talker.knock(third.port, { token: business.agent.token }).closed).code).toBe(1006);
    await third.close();
  });
});

describe('the port', () => {
  test('that something else listens on is refused with a sentence', async () => {
    await expect(startEdge(nats, { port: one.port })).rejects.toThrow(
      `the port ${one.port} cannot be opened`,
    );
  });
});
