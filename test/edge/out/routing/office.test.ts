// What hangs on the order in which an office hears of things: nobody has too many because it hears late, and nobody waits for want of a word.
import { afterEach, expect, test } from 'vitest';
import { setTags } from '../../../domain/conversation-words.ts';
import { chat, command, process, until } from '../../../domain/log/processes.ts';
import { type OneOffice, oneOffice } from './one-office.ts';

let opened: OneOffice[] = [];
const open = (...given: Parameters<typeof oneOffice>): OneOffice => {
  const one = oneOffice(...given);
  opened.push(one);
  return one;
};
afterEach(async () => {
  for (const { office, faults } of opened) {
    await office.close();
    expect(faults).toEqual([]);
  }
  opened = [];
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('an agent keeps the place of a conversation of which the office still hears what was before', async () => {
  const one = open([7]);
  await one.begins('earlier');
  await one.begins('x');
  const before = await one.live('x');
  await one.people.done(command(setTags('vip')), chat(one.people, 'x'));
  const tagged = await one.live('x');
  one.office.hear(before);
  await until(async () => (await one.ownerOf('x')) === '7');
  await pause(20);
  // What the log brings late: it was tagged before it was given away. And another one has waited for longer.
  one.office.hear(tagged);
  one.office.hear(await one.live('earlier'));
  await pause(50);
  expect(await one.ownerOf('earlier')).toBeUndefined();
  expect(await one.loadOf(7)).toBe(1);
});

test('a place that is given back without a word in any conversation is given away at once', async () => {
  const one = open([7]);
  await one.begins('x');
  await one.begins('y');
  const { address, version } = await one.live('x');
  const taking = { agent: one.agent(7), mayExceed: false, onlyIfFree: true, asOf: version };
  await one.ownership.reserve(address, taking);
  one.office.hear(await one.live('y'));
  await pause(50);
  expect(await one.ownerOf('y')).toBeUndefined();
  await one.ownership.settle(address, true);
  const since = performance.now();
  await until(async () => (await one.ownerOf('y')) === '7');
  expect(performance.now() - since).toBeLessThan(1_000);
});

test('what could not be settled for want of room in the queue of commands is settled later', async () => {
  const one = open([1, 2, 3, 4], { each: 1, all: 2 });
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
    await one.begins(id);
    const agent = { id: String(index + 1), name: `Agent ${index + 1}` };
    // By a process that died before it could tell the routing.
    await process(one.people).done(
      command({ type: 'AssignAgent', data: { agent }, actor: { kind: 'system' } } as const),
      chat(one.people, id),
    );
  }
  const all = await Promise.all(['a', 'b', 'c', 'd'].map(one.live));
  for (const each of all) one.office.hear(each);
  await until(async () => (await Promise.all([1, 2, 3, 4].map(one.loadOf))).every((load) => load === 1));
});

test('what was put back elsewhere a moment ago can be taken at once', async () => {
  const one = open([1, 2]);
  await one.begins('a');
  const at = await one.live('a');
  const taking = { mayExceed: false, onlyIfFree: true };
  const accept = (number: number, asOf: number) =>
    one.ownership.take(at.address, { ...taking, agent: one.agent(number), asOf }, () =>
      one.people.ask(
        command({
          type: 'AcceptConversation',
          data: { agent: { id: String(number), name: `Agent ${number}` } },
          actor: { kind: 'system' },
        } as const),
        at.address,
      ),
    );
  expect(await accept(1, at.version)).not.toHaveProperty('refused');
  // By a process that has not told the routing yet.
  await process(one.people).done(
    command({
      type: 'QueueConversation',
      data: { reason: '' },
      actor: { kind: 'agent', id: '1' },
    } as const),
    at.address,
  );
  expect(await accept(2, (await one.live('a')).version)).not.toHaveProperty('refused');
  expect(await one.ownerOf('a')).toBe('2');
  expect(await accept(1, (await one.live('a')).version)).toMatchObject({
    refused: 'already-assigned',
    by: 'Agent 2',
  });
});
