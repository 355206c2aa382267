// Histories as lists of events: always current, read once where nothing is new, and without what was erased.
import { describe, expect, test } from 'vitest';
import { Histories } from '../../../domain/log/histories.ts';
import { chat, command, type Process, process, saying, starting, watchReads } from './processes.ts';

const erasing = command({
  type: 'EraseConversation',
  data: { reason: '' },
  actor: { kind: 'system' },
} as const);

/** The types of the events that are read, with their versions. */
async function told(histories: Histories, edge: Process, id?: string): Promise<string[]> {
  const { events } = await histories.read(chat(edge, id));
  return events.map(({ version, type }) => `${version} ${type}`);
}

/** A process with a conversation of so many messages. */
async function talkOf(messages: number): Promise<Process> {
  const edge = process();
  await edge.done(starting());
  await Promise.all(Array.from({ length: messages }, (_, index) => edge.done(saying(`${index}`))));
  return edge;
}

describe('a history', () => {
  test('has every event in order, with its version', async () => {
    const edge = await talkOf(2);
    const histories = new Histories(edge.storage.log);
    expect(await told(histories, edge)).toEqual([
      '1 ConversationStarted',
      '2 MessagePosted',
      '3 MessagePosted',
    ]);
  });

  test('of a conversation that nobody started is empty, until somebody does', async () => {
    const edge = process();
    const histories = new Histories(edge.storage.log);
    expect(await told(histories, edge)).toEqual([]);
    await edge.done(starting());
    expect(await told(histories, edge)).toEqual(['1 ConversationStarted']);
  });

  test('that is kept is not read again, and only what is new is read on', async () => {
    const edge = await talkOf(1);
    const histories = new Histories(edge.storage.log);
    const { sequence } = await histories.read(chat(edge));
    const reads = watchReads(edge);
    await histories.read(chat(edge));
    expect(reads).toEqual([]);
    await edge.done(saying('more'));
    expect(await told(histories, edge)).toHaveLength(3);
    expect(reads).toEqual([sequence]);
  });

  test('shows at once what another process wrote', async () => {
    const edge = await talkOf(1);
    const histories = new Histories(edge.storage.log);
    await histories.read(chat(edge));
    const other = process(edge);
    await other.done(saying('from elsewhere'));
    const { events } = await histories.read(chat(edge));
    expect(events.at(-1)?.data).toMatchObject({ text: 'from elsewhere' });
  });

  test('handed out before does not change when more is read', async () => {
    const edge = await talkOf(1);
    const histories = new Histories(edge.storage.log);
    const before = await histories.read(chat(edge));
    await edge.done(saying('more'));
    await histories.read(chat(edge));
    expect(before.events).toHaveLength(2);
  });

  test('that was erased is the erasure alone, also where the words were kept here', async () => {
    const edge = await talkOf(2);
    const { log } = edge.storage;
    const kept = new Histories(log);
    await kept.read(chat(edge));
    await edge.done(erasing);
    const last = await log.last(chat(edge));
    await log.erase(chat(edge), (last?.sequence ?? 0) - 1);
    expect(await told(kept, edge)).toEqual(['4 ConversationErased']);
    expect(await told(new Histories(log), edge)).toEqual(['4 ConversationErased']);
  });
});

describe('memory', () => {
  test('holds the histories read last, and no more of them than it was told', async () => {
    const edge = process();
    for (const id of ['a', 'b', 'c']) await edge.done(starting(), chat(edge, id));
    const histories = new Histories(edge.storage.log, 2);
    for (const id of ['a', 'b', 'a', 'c']) await told(histories, edge, id);
    const reads = watchReads(edge);
    await told(histories, edge, 'a');
    await told(histories, edge, 'c');
    expect(reads).toEqual([]);
    await told(histories, edge, 'b');
    expect(reads).toEqual([0]);
  });

  test('does not hold a history of thousands of events', async () => {
    const edge = await talkOf(0);
    for (let sent = 0; sent < 2_100; sent += 300)
      await Promise.all(Array.from({ length: 300 }, () => edge.done(saying('on and on'))));
    const histories = new Histories(edge.storage.log);
    expect(await told(histories, edge)).toHaveLength(2_101);
    const reads = watchReads(edge);
    expect(await told(histories, edge)).toHaveLength(2_101);
    expect(reads).toEqual([0]);
  });
});
