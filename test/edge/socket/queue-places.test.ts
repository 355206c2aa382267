// A visitor who waits is told their place by every socket whose dialect has a word for it: the same place, at whichever edge.
import { expect, test } from 'vitest';
import type { ServerFrame } from '../../../domain/wire.ts';
import type { DepartmentHours } from '../../../domain/workspace/opening-hours.ts';
import { open } from './edges.ts';
import { Talker } from './talker.ts';
import { agentOf, ask, business, customer, edge, hears, other } from './widget-floor.ts';

type Place = Extract<ServerFrame, { signal: { type: 'queue' } }>['signal'];
const placesOf = (talker: Talker): Place[] =>
  talker.frames.flatMap((frame) =>
    'signal' in frame && frame.signal.type === 'queue' ? [frame.signal] : [],
  );
const soon = { timeout: 15_000 };

test('the place is told on coming and as others are taken, to the visitor and to nobody else', async () => {
  const agent = await agentOf();
  const before = await open(edge, business.workspace);
  const own = await open(edge, business.workspace);
  const visitor = await Talker.connect(other.port, { ...own });
  const console = await Talker.connect(edge.port, { token: business.agent.token });
  await console.resume(own.conversation);
  const widget = await customer(own.conversation, edge);
  const last = () => placesOf(visitor).at(-1);
  await expect.poll(() => last()?.position, soon).toBe(2);
  expect(last()).toEqual({ conversation: own.conversation, type: 'queue', position: 2, estimatedWait: null });
  expect(await hears(widget, 'queue_update')).toMatchObject({ position: 2, estimatedWait: null });

  await ask(agent, before.conversation, { type: 'AcceptConversation', data: {} });
  await expect.poll(() => last()?.position, soon).toBe(1);
  // One has been taken since: from then on there is something to go by.
  await expect.poll(() => last()?.estimatedWait, soon).toBeGreaterThanOrEqual(1);
  await ask(agent, own.conversation, { type: 'AcceptConversation', data: {} });
  expect(placesOf(console)).toEqual([]);
  // No place is told twice in a row.
  const told = placesOf(visitor).map(({ position, estimatedWait }) => `${position} ${estimatedWait}`);
  expect(told.filter((place, index) => place === told[index - 1])).toEqual([]);
  for (const talker of [visitor, console]) talker.close();
  expect([...edge.faults, ...other.faults]).toEqual([]);
});

test('who comes back is told anew, and who does not wait is told nothing', async () => {
  const agent = await agentOf();
  const waiting = await open(edge, business.workspace);
  const first = await Talker.connect(edge.port, { ...waiting });
  await expect.poll(() => placesOf(first).length, soon).toBeGreaterThan(0);
  first.close();
  await first.closed;
  const again = await Talker.connect(edge.port, { ...waiting });
  await expect.poll(() => placesOf(again).length, soon).toBeGreaterThan(0);
  const taken = await open(edge, business.workspace);
  await ask(agent, taken.conversation, { type: 'AcceptConversation', data: {} });
  const talking = await Talker.connect(edge.port, { ...taken });
  // By the time that another one is told, this one would have been.
  const newest = await open(edge, business.workspace);
  const after = await Talker.connect(edge.port, { ...newest });
  await expect.poll(() => placesOf(after).length, soon).toBeGreaterThan(0);
  expect(placesOf(talking)).toEqual([]);
  for (const talker of [again, talking, after]) talker.close();
});

test('who waits while their department is closed is told until when instead of an estimate; other documents have no word for it', async () => {
  const own = await open(edge, business.workspace);
  const visitor = await Talker.connect(other.port, { ...own });
  await expect.poll(() => placesOf(visitor).length, soon).toBeGreaterThan(0);
  expect(placesOf(visitor).at(-1)).not.toHaveProperty('opensAt');
  const by = await edge.edge.principals.user(business.admin);
  if (!by) throw new Error('the admin is not known');
  const set = (weekly: DepartmentHours['weekly']) =>
    edge.edge.accounts.changeSettings(
      { hours: { general: { timeZone: 'UTC', weekly, overflow: null, overflowAfterSeconds: null } } },
      by,
    );
  await set({});
  await expect.poll(() => placesOf(visitor).at(-1)?.opensAt, soon).toBeNull();
  expect(placesOf(visitor).at(-1)).toMatchObject({ estimatedWait: null });
  const widget = await customer(own.conversation, edge);
  expect(await hears(widget, 'queue_update')).not.toHaveProperty('opensAt');
  const always = [{ from: '00:00', to: '24:00' }];
  await set({ mon: always, tue: always, wed: always, thu: always, fri: always, sat: always, sun: always });
  await expect.poll(() => placesOf(visitor).at(-1)?.opensAt, soon).toBeUndefined();
  await edge.edge.accounts.changeSettings({ hours: {} }, by);
  visitor.close();
});
