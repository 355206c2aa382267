// The command loop: every command once, in order, decided on what is true, whoever races, repeats or fails.
import { describe, expect, test } from 'vitest';
import { conversation } from '../../../domain/conversation/decide.ts';
import { archive, close, erase, setTags } from '../conversation-words.ts';
import {
  chat,
  command,
  commitsOf,
  eventsOf,
  holdAppends,
  process,
  saying,
  starting,
  textsOf,
  until,
  watchReads,
} from './processes.ts';

const versions = (events: readonly { version: number }[]) => events.map((event) => event.version);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('group commit', () => {
  test('commands that arrive while an append is under way join the next commit, in order', async () => {
    const edge = process();
    await edge.done(starting());
    const appends = holdAppends(edge);
    const first = edge.done(saying('one'));
    await until(() => appends.held() === 1);
    const rest = ['two', 'three', 'four'].map((text) => edge.done(saying(text)));
    appends.release();
    expect((await Promise.all([first, ...rest])).map((done) => done.version)).toEqual([2, 3, 4, 5]);
    expect((await commitsOf(edge)).map(({ commit }) => commit.events.length)).toEqual([1, 1, 3]);
    expect(await textsOf(edge)).toEqual(['one', 'two', 'three', 'four']);
  });
  test('an erasure has a commit of its own: what waits beside it would outlive it there', async () => {
    const edge = process();
    await edge.done(starting());
    const appends = holdAppends(edge);
    const first = edge.done(saying('one'));
    await until(() => appends.held() === 1);
    const beside = edge.done(saying('a last word'));
    const erasing = edge.done(command(erase));
    const after = edge.ask(saying('too late'));
    appends.release();
    await Promise.all([first, beside, erasing]);
    expect(await after).toEqual({ refused: 'conversation-not-found' });
    const commits = await commitsOf(edge);
    expect(
      commits
        .at(-1)
        ?.events()
        .map(({ type }) => type),
    ).toEqual(['ConversationErased']);
    expect(await textsOf(edge)).toEqual(['one', 'a last word']);
  });
  test('each command of a commit is told its own events, position and state', async () => {
    const edge = process();
    await edge.done(starting());
    const [one, two] = await Promise.all([edge.done(saying('one')), edge.done(saying('two'))]);
    expect([one.state.lastMessage?.text, two.state.lastMessage?.text]).toEqual(['one', 'two']);
    const stored = await eventsOf(edge);
    expect([one.events, two.events]).toEqual([[stored[1]], [stored[2]]]);
    expect([one.position, two.position]).toEqual([stored[1]?.position, stored[2]?.position]);
  });
  test('a commit holds no more than 256 events and 256 KB', async () => {
    const edge = process();
    await edge.done(starting());
    await Promise.all(Array.from({ length: 600 }, (_, index) => edge.done(saying(`${index}`))));
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => edge.done(saying(`${index}${'€'.repeat(9_990)}`))),
    );
    const commits = await commitsOf(edge);
    expect(Math.max(...commits.map(({ commit }) => commit.events.length))).toBe(256);
    expect(Math.max(...commits.map(({ bytes }) => bytes))).toBeLessThanOrEqual(256 * 1024);
    expect(versions(await eventsOf(edge))).toEqual(upTo(661));
  });
  test('the listener hears every commit of this process, in order, with the state', async () => {
    const edge = process();
    const heard: [number, number][] = [];
    edge.aggregates.onStored((stored, state) => heard.push([stored.lastVersion, state.messageCount]));
    await edge.done(starting());
    await Promise.all([edge.done(saying('one')), edge.done(saying('two'))]);
    expect(heard).toEqual([
      [1, 0],
      [3, 2],
    ]);
  });
});

describe('a command sent twice', () => {
  test('is answered as the first time and stored once', async () => {
    const edge = process();
    await edge.done(starting());
    const hello = saying('hello');
    const first = await edge.done(hello);
    const { version, position } = first;
    expect(first.repeated).toBe(false);
    expect(await edge.done(hello)).toMatchObject({ repeated: true, version, position });
    expect(await textsOf(edge)).toEqual(['hello']);
  });
  test('at the same time is stored once', async () => {
    const edge = process();
    await edge.done(starting());
    const hello = saying('hello');
    const [one, two] = await Promise.all([edge.done(hello), edge.done(hello)]);
    expect([one.repeated, two.repeated]).toEqual([false, true]);
    expect([two.version, two.position]).toEqual([one.version, one.position]);
    expect(await textsOf(edge)).toEqual(['hello']);
  });
  test('to two processes, one after the other or at once, is stored once', async () => {
    const here = process();
    const there = process(here);
    await here.done(starting());
    await there.done(saying('warm'));
    const [hello, again] = [saying('hello'), saying('again')];
    const first = await here.done(hello);
    expect(await there.done(hello)).toMatchObject({ repeated: true, version: first.version });
    const [one, two] = await Promise.all([here.done(again), there.done(again)]);
    expect([one.version, one.position]).toEqual([two.version, two.position]);
    expect(await textsOf(here)).toEqual(['warm', 'hello', 'again']);
  });
  test('is answered with its last event where it brought about several', async () => {
    const edge = process();
    await edge.done(starting());
    await edge.done(command(close));
    const hello = saying('hello');
    const first = await edge.done(hello);
    expect(first.events.map((event) => event.type)).toEqual(['ConversationReopened', 'MessagePosted']);
    expect(await process(edge).done(hello)).toMatchObject({
      repeated: true,
      version: 4,
      position: first.position,
    });
  });
  test('is found in the whole history once it is older than what is remembered', async () => {
    const edge = process();
    await edge.done(starting());
    const old = saying('old');
    const { version, position } = await edge.done(old);
    await Promise.all(Array.from({ length: 600 }, (_, index) => edge.done(saying(`${index}`))));
    for (const asked of [edge, process(edge)])
      expect(await asked.done(old)).toMatchObject({ repeated: true, version, position });
    expect(versions(await eventsOf(edge))).toEqual(upTo(602));
  });
  test('costs nothing to those that are new: a long history is not read for them', async () => {
    const edge = process();
    await edge.done(starting());
    await Promise.all(Array.from({ length: 600 }, (_, index) => edge.done(saying(`${index}`))));
    const reads = watchReads(edge);
    for (let index = 0; index < 20; index++) await edge.done(saying(`new ${index}`));
    expect(reads).toEqual([]);
  });
});

describe('an append of unknown outcome', () => {
  test('that was stored is answered and stored once', async () => {
    const edge = process();
    await edge.done(starting());
    edge.storage.log.failNext('unknown-stored');
    const [one, two] = await Promise.all([edge.done(saying('one')), edge.done(saying('two'))]);
    expect([one.version, two.version]).toEqual([2, 3]);
    expect(await textsOf(edge)).toEqual(['one', 'two']);
  });
  test('that was lost is sent again and stored once', async () => {
    const edge = process();
    await edge.done(starting());
    edge.storage.log.failNext('unknown-lost', 'unknown-lost');
    expect(await edge.done(saying('one'))).toMatchObject({ version: 2, repeated: false });
    expect(await textsOf(edge)).toEqual(['one']);
  });
  test('is not called busy, which would say that nothing was done', async () => {
    const edge = process();
    await edge.done(starting());
    edge.storage.log.failNext('unknown-stored', 'busy');
    expect(await edge.done(saying('one'))).toMatchObject({ version: 2 });
    expect(await textsOf(edge)).toEqual(['one']);
  });
  test('is told as unavailable in the end, and the same command again is safe', async () => {
    const edge = process(undefined, { patience: 0 });
    await edge.done(starting());
    const [stored, lost] = [saying('stored'), saying('lost')];
    edge.storage.log.failNext('unknown-stored');
    expect(await edge.ask(stored)).toEqual({ refused: 'unavailable' });
    expect(await edge.done(stored)).toMatchObject({ repeated: true, version: 2 });
    edge.storage.log.failNext('unknown-lost');
    expect(await edge.ask(lost)).toEqual({ refused: 'unavailable' });
    expect(await edge.done(lost)).toMatchObject({ repeated: false, version: 3 });
    expect(await textsOf(edge)).toEqual(['stored', 'lost']);
  });
  test('is not stored twice where somebody reads the conversation meanwhile', async () => {
    const edge = process();
    await edge.done(starting());
    edge.storage.log.failNext('unknown-stored');
    const asked = edge.done(saying('one'));
    await until(async () => (await commitsOf(edge)).length === 2);
    expect((await edge.aggregates.load(chat(edge))).version).toBe(2);
    expect((await asked).version).toBe(2);
    expect((await edge.done(saying('two'))).version).toBe(3);
    expect(await textsOf(edge)).toEqual(['one', 'two']);
  });
});

describe('two processes', () => {
  test('that race lose nothing, leave no gap, and keep the order of each', async () => {
    const here = process();
    const other = process(here);
    await here.done(starting());
    const all = upTo(40).flatMap((index) => [
      here.done(saying(`a${index}`)),
      other.done(saying(`b${index}`)),
    ]);
    const answered = (await Promise.all(all)).map((done) => done.version);
    expect(versions(await eventsOf(here))).toEqual(upTo(81));
    expect([...answered].sort((left, right) => left - right)).toEqual(upTo(81).slice(1));
    const texts = await textsOf(here);
    for (const side of ['a', 'b'])
      expect(texts.filter((text) => text.startsWith(side))).toEqual(upTo(40).map((index) => side + index));
  });
  test('start a conversation once', async () => {
    const here = process();
    const outcomes = await Promise.all([here.ask(starting()), process(here).ask(starting())]);
    expect(outcomes).toContainEqual({ refused: 'conversation-exists' });
    expect(await eventsOf(here)).toHaveLength(1);
  });
  test('a refusal from a stale state is confirmed first', async () => {
    const here = process();
    const stale = process(here);
    expect((await stale.aggregates.load(chat(stale))).state.status).toBe('none');
    await here.done(starting());
    expect(await stale.done(saying('hello'))).toMatchObject({ version: 2 });
  });
  test('"unchanged" from a stale state is confirmed first', async () => {
    const here = process();
    const stale = process(here);
    await here.done(starting());
    await stale.done(command(setTags('old')));
    await here.done(command(setTags('new')));
    expect(await stale.done(command(setTags('old')))).toMatchObject({ unchanged: false, version: 4 });
    expect(await stale.done(command(setTags('old')))).toMatchObject({
      unchanged: true,
      version: 4,
      events: [],
    });
  });
  test('what a stale state allows is refused where the head does not', async () => {
    const here = process();
    const stale = process(here);
    await here.done(starting());
    await stale.done(saying('warm'));
    await here.done(command(close));
    await here.done(command(archive));
    expect(await stale.ask(saying('too late'))).toEqual({ refused: 'conversation-archived' });
    expect(await textsOf(here)).toEqual(['warm']);
  });
  test('a read is current, and one without confirmation is what the process has', async () => {
    const here = process();
    const stale = process(here);
    await here.done(starting());
    await stale.aggregates.load(chat(stale));
    await here.done(saying('hello'));
    expect((await stale.aggregates.load(chat(stale), { confirm: false })).version).toBe(1);
    expect((await stale.aggregates.load(chat(stale))).version).toBe(2);
  });
  test('that there is nothing is never what the process has: it may have begun elsewhere', async () => {
    const here = process();
    const early = process(here);
    expect((await early.aggregates.load(chat(early), { confirm: false })).version).toBe(0);
    await here.done(starting());
    expect((await early.aggregates.load(chat(early), { confirm: false })).version).toBe(1);
  });
  test('live copies keep a kept state warm, and one with a gap before it makes it be read anew', async () => {
    const here = process();
    const warm = process(here);
    await here.done(starting());
    await warm.aggregates.load(chat(warm));
    await here.done(saying('one'));
    await here.done(saying('two'));
    const [, one, two] = await commitsOf(here);
    if (!one || !two) throw new Error('both messages are stored');
    warm.aggregates.observe(one);
    warm.aggregates.observe(one);
    expect(warm.aggregates.peek(chat(warm))?.version).toBe(2);
    const cold = process(here);
    await cold.aggregates.load(chat(cold));
    await here.done(saying('three'));
    await here.done(saying('four'));
    const four = (await commitsOf(here)).at(-1);
    if (four) cold.aggregates.observe(four);
    expect(cold.aggregates.peek(chat(cold))).toBeUndefined();
    expect((await cold.aggregates.load(chat(cold), { confirm: false })).version).toBe(5);
  });
});

describe('bounds and faults', () => {
  test('a queue that is full answers busy at once, and does nothing', async () => {
    const edge = process(undefined, { waiting: { each: 3, all: 100 } });
    await edge.done(starting());
    const appends = holdAppends(edge);
    const first = edge.done(saying('under way'));
    await until(() => appends.held() === 1);
    const waiting = ['1', '2', '3'].map((text) => edge.done(saying(text)));
    expect(await edge.ask(saying('too many'))).toEqual({ refused: 'busy' });
    appends.release();
    await Promise.all([first, ...waiting]);
    expect(await textsOf(edge)).toEqual(['under way', '1', '2', '3']);
  });
  test('so does the process that has too many waiting in all, until they are answered', async () => {
    const edge = process(undefined, { waiting: { each: 100, all: 2 } });
    const appends = holdAppends(edge);
    const [one, two] = ['a', 'b'].map((id) => edge.done(starting(), chat(edge, id)));
    expect(await edge.ask(starting(), chat(edge, 'c'))).toEqual({ refused: 'busy' });
    appends.release();
    await Promise.all([one, two]);
    expect(await edge.done(starting(), chat(edge, 'c'))).toMatchObject({ version: 1 });
  });
  test('a log that has too much under way answers busy, and nothing is stored', async () => {
    const edge = process();
    await edge.done(starting());
    edge.storage.log.failNext('busy');
    const hello = saying('hello');
    expect(await edge.ask(hello)).toEqual({ refused: 'busy' });
    expect(await textsOf(edge)).toEqual([]);
    expect(await edge.done(hello)).toMatchObject({ repeated: false });
  });
  test('a log that is away is unavailable, to the cold and to the warm, and comes back', async () => {
    const edge = process(undefined, { patience: 0 });
    await edge.done(starting());
    edge.storage.log.setConnected(false);
    const [warm, cold] = [saying('hello'), starting()];
    expect(await edge.ask(warm)).toEqual({ refused: 'unavailable' });
    expect(await edge.ask(cold, chat(edge, 'other'))).toEqual({ refused: 'unavailable' });
    edge.storage.log.setConnected(true);
    expect(await edge.done(warm)).toMatchObject({ version: 2 });
    expect(await edge.done(cold, chat(edge, 'other'))).toMatchObject({ version: 1 });
  });
  test('a fault in the middle of a batch is thrown at everyone who waits, and the next command works', async () => {
    const edge = process(undefined, {
      decider: {
        ...conversation,
        decide(asked, now) {
          if (asked.type === 'ReturnToAi') throw new Error('a defect');
          return conversation.decide(asked, now);
        },
      },
    });
    await edge.done(starting());
    const poison = command({ type: 'ReturnToAi' as const, data: {}, actor: { kind: 'system' as const } });
    const asked = [edge.ask(saying('before')), edge.ask(poison), edge.ask(saying('after'))];
    for (const outcome of await Promise.allSettled(asked))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'a defect' } });
    expect(await edge.done(saying('next'))).toMatchObject({ version: 2 });
  });
  test('a clock that jumps back does not turn the history round', async () => {
    const clock = { now: Date.parse('2026-03-02T12:00:00.000Z') };
    const edge = process(undefined, { now: () => clock.now });
    await edge.done(starting());
    clock.now -= 3_600_000;
    await edge.done(saying('an hour ago?'));
    expect(await process(edge, { now: () => clock.now }).done(saying('still'))).toMatchObject({ version: 3 });
    clock.now += 3_600_001;
    await edge.done(saying('on again'));
    expect((await eventsOf(edge)).map((event) => event.at.slice(11))).toEqual([
      '12:00:00.000Z',
      '12:00:00.000Z',
      '12:00:00.000Z',
      '12:00:00.001Z',
    ]);
  });
});

describe('an erased history', () => {
  const erasing = async () => {
    const edge = process();
    const asleep = process(edge);
    await edge.done(starting());
    await asleep.done(saying('secret'));
    await edge.done(saying('more'));
    const { version } = await edge.done(command(erase));
    const last = (await commitsOf(edge)).at(-1);
    if (last) await edge.storage.log.erase(chat(edge), last.sequence - 1);
    return { edge, asleep, version };
  };
  test('begins at the version of its erasure', async () => {
    const { edge, version } = await erasing();
    expect(versions(await eventsOf(edge))).toEqual([version]);
    const cold = process(edge);
    expect(await cold.aggregates.load(chat(cold))).toMatchObject({ version: 4, state: { status: 'erased' } });
    expect(await cold.ask(saying('hello?'))).toEqual({ refused: 'conversation-not-found' });
    expect(await cold.ask(starting())).toEqual({ refused: 'conversation-exists' });
  });
  test('is seen by a process that slept through it, whether it reads or writes', async () => {
    const { asleep } = await erasing();
    expect(await asleep.ask(saying('hello?'))).toEqual({ refused: 'conversation-not-found' });
    const { asleep: reader } = await erasing();
    expect((await reader.aggregates.load(chat(reader))).state).toMatchObject({
      status: 'erased',
      messageCount: 0,
      visitor: {},
    });
  });
});
