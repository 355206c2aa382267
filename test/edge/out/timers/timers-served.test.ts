// Timers as people meet them: set over HTTP, seen on real sockets, with a real log and real read models, on a clock that is put forward by hand.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startConversationWork } from '../../../../cmd/wiring/conversations.ts';
import type { WireEvent } from '../../../../domain/wire.ts';
import { openReadModels, type ReadModels } from '../../../../projections/read-models.ts';
import {
  addAgent,
  ask,
  caughtUp,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../../http/door.ts';
import { Talker } from '../../socket/talker.ts';

let servers: Servers;
let door: Door;
let owner: { readonly token: string };
let jane: { readonly token: string; readonly id: number };
let siteKey: string;
let models: ReadModels;
let ahead = 0;
let stops: (() => Promise<void>)[] = [];
const talkers: Talker[] = [];
const faults: unknown[] = [];
const now = () => Date.now() + ahead;
const pass = (minutes: number) => {
  ahead += minutes * 60_000;
};
const inMinutes = (minutes: number) => new Date(now() + minutes * 60_000).toISOString();

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers, { now });
  owner = await register(door.url, 'owner');
  jane = await addAgent(door.url, owner.token, 'Jane');
  siteKey = door.parts.directory.widgets(door.parts.directory.defaultWorkspace()?.id ?? '')[0]?.siteKey ?? '';
  models = openReadModels({
    url: servers.postgres.url,
    log: door.storage.log,
    signals: door.storage.signals,
  });
  await set({ max_chats: 50 });
}, 120_000);
afterEach(async () => {
  for (const talker of talkers.splice(0)) talker.close();
  for (const stop of stops) await stop();
  stops = [];
  await set({ idle: { warn_after_minutes: null, close_after_minutes: null } });
  await set({ targets: { medium: { first_response_minutes: null, resolution_minutes: null } } });
  expect(faults.splice(0)).toEqual([]);
});
afterAll(async () => {
  await models?.close();
  await door?.close();
  await servers?.stop();
});

async function set(json: object): Promise<void> {
  const { status } = await ask(door.url, 'PATCH', '/api/workspace/settings', { token: owner.token, json });
  expect(status).toBe(200);
}

function worker(): () => Promise<void> {
  const stop = startConversationWork({
    storage: door.storage,
    parts: door.parts,
    readModels: models,
    onFault: (fault) => faults.push(fault),
  });
  stops.push(stop);
  return stop;
}

async function visitor(): Promise<{ id: string; talker: Talker }> {
  const { body } = await ask(door.url, 'POST', '/api/conversations', {
    json: { siteKey, command: v7(), visitor: {} },
  });
  const { conversation: id, visitorToken } = body;
  const talker = await Talker.connect(door.port, { conversation: id, visitorToken });
  talkers.push(talker);
  await talker.resume(id);
  await talker.post(id, 'Hello?');
  return { id, talker };
}

async function agent(id: string): Promise<Talker> {
  const talker = await Talker.connect(door.port, { token: jane.token });
  talkers.push(talker);
  await talker.resume(id);
  return talker;
}

const ofType = ({ events }: Talker, type: string): WireEvent[] =>
  events.filter((event) => event.type === type);
const soon = { timeout: 20_000 };
const comes = (talker: Talker, type: string, times = 1) =>
  expect.poll(() => ofType(talker, type).length, soon).toBe(times);

test('a visitor who falls silent reads a warning, then the end; the agent sees why', async () => {
  await set({ idle: { warn_after_minutes: 10, close_after_minutes: 15 } });
  worker();
  const { id, talker } = await visitor();
  const person = await agent(id);
  await person.post(id, 'Yes?');
  pass(10);
  await comes(talker, 'IdleWarned');
  const [warned] = ofType(talker, 'IdleWarned');
  const [answered] = ofType(talker, 'MessagePosted').slice(-1);
  expect(warned?.data.idleSince).toBe(answered?.at);
  expect(Date.parse(String(warned?.data.closesAt)) - Date.parse(warned?.at ?? '')).toBe(5 * 60_000);
  pass(5);
  await comes(talker, 'ConversationClosed');
  await comes(person, 'ConversationClosed');
  expect(ofType(person, 'ConversationClosed')[0]?.data).toEqual({ by: 'system', reason: 'idle' });
  expect(ofType(talker, 'ConversationClosed')[0]?.data).toEqual({ by: 'system' });
}, 60_000);

test('a visitor who types when the time is up is heard, through the socket, and not cut short', async () => {
  await set({ idle: { close_after_minutes: 15 } });
  worker();
  const { id, talker } = await visitor();
  const person = await agent(id);
  await person.post(id, 'Yes?');
  const typing = setInterval(
    () => talker.send({ signal: { conversation: id, type: 'typing', isTyping: true } }),
    500,
  );
  pass(15);
  await sleep(7_000);
  clearInterval(typing);
  expect(ofType(talker, 'ConversationClosed')).toEqual([]);
  await talker.post(id, 'I had to look for it');
  await sleep(2_000);
  expect(ofType(talker, 'ConversationClosed')).toEqual([]);
}, 60_000);

test('a promise that was not kept is the agents’ to see, and reminders are too', async () => {
  await set({ targets: { medium: { first_response_minutes: 5, resolution_minutes: 60 } } });
  worker();
  const { id, talker } = await visitor();
  const person = await agent(id);
  const at = inMinutes(30);
  expect(await person.command(id, 'SetReminder', { at, text: 'call back' })).toMatchObject({ ok: true });
  expect(await talker.command(id, 'SetReminder', { at })).toMatchObject({ refused: 'not-allowed' });
  expect(await person.command(id, 'SetReminder', { at: inMinutes(-1) })).toMatchObject({
    refused: 'reminder-time',
    message: 'A reminder must lie ahead, by at most 366 days',
  });
  pass(60);
  await comes(person, 'TargetBreached', 2);
  await comes(person, 'ReminderDue');
  expect(ofType(person, 'ReminderDue')[0]?.data).toEqual({
    at,
    text: 'call back',
    author: { id: String(jane.id), name: 'Jane' },
  });
  await sleep(500);
  for (const type of ['TargetBreached', 'ReminderSet', 'ReminderDue'])
    expect(ofType(talker, type)).toEqual([]);
}, 60_000);

test('a reminder of a chat that has ended survives its worker', async () => {
  const first = worker();
  const { id } = await visitor();
  const person = await agent(id);
  await person.command(id, 'SetReminder', { at: inMinutes(90), text: '' });
  await person.command(id, 'CloseConversation', {});
  await comes(person, 'ConversationClosed');
  await first();
  await caughtUp(servers);
  worker();
  await sleep(1_000);
  expect(ofType(person, 'ReminderDue')).toEqual([]);
  pass(90);
  await comes(person, 'ReminderDue');
}, 60_000);

test('two workers, and a third after them, do each thing once', async () => {
  await set({ idle: { warn_after_minutes: 10, close_after_minutes: 15 } });
  const first = worker();
  worker();
  const chats = await Promise.all(Array.from({ length: 6 }, visitor));
  const people = await Promise.all(chats.map(({ id }) => agent(id)));
  await Promise.all(people.map((person, index) => person.post(chats[index]?.id ?? '', 'Yes?')));
  pass(10);
  for (const { talker } of chats) await comes(talker, 'IdleWarned');
  await first();
  worker();
  pass(5);
  for (const { talker } of chats) await comes(talker, 'ConversationClosed');
  await sleep(1_500);
  for (const { talker } of chats)
    expect([ofType(talker, 'IdleWarned').length, ofType(talker, 'ConversationClosed').length]).toEqual([
      1, 1,
    ]);
}, 90_000);
