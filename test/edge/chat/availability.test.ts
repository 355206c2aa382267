// Connected and accepting are two things: an agent who pauses is given nothing, keeps what they have, and is told so wherever they are.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from '../http/door.ts';
import { Talker } from '../socket/talker.ts';

let servers: Servers;
let doors: [Door, Door];
let owner: { readonly token: string };
let key: string;

beforeAll(async () => {
  servers = await startServers();
  doors = [await openDoor(servers, { routes: true }), await openDoor(servers, { routes: true })];
  owner = await register(doors[0].url, 'owner');
  const workspace = doors[0].parts.directory.defaultWorkspace()?.id ?? '';
  key = (await doors[0].parts.apiTokens.rotate(workspace)).token ?? '';
});
afterAll(async () => {
  for (const door of doors ?? []) await door.close();
  await servers?.stop();
});

const soon = { timeout: 15_000 };
const withKey = () => ({ headers: { 'x-api-key': key } });
const set = (token: string, accepting: unknown) =>
  ask(doors[0].url, 'PUT', '/api/availability', { token, json: { accepting } });
const told = ({ frames }: Talker) => frames.flatMap((frame) => ('me' in frame ? [frame.me.accepting] : []));
const start = async () => {
  const { body } = await ask(doors[1].url, 'POST', '/api/chat/start-session', {
    ...withKey(),
    json: { userId: 'user1' },
  });
  return body.data.session as { sessionId: string; agentId: string | null };
};
const agentOf = async (sessionId: string) =>
  (await ask(doors[1].url, 'GET', `/api/chat/session/${sessionId}`, withKey())).body.data.session.agentId;

test('who pauses is given nothing until they go on, and every socket of theirs is told', async () => {
  const { token, id } = await addAgent(doors[0].url, owner.token, 'Grace', 'usual');
  const [here, there] = [
    await Talker.connect(doors[0].port, { token }),
    await Talker.connect(doors[1].port, { token }),
  ];
  const stranger = await Talker.connect(doors[1].port, { token: owner.token });
  await set(owner.token, false);
  await expect.poll(() => told(here).at(-1), soon).toBe(true);
  const first = await start();
  await expect.poll(() => agentOf(first.sessionId), soon).toBe(String(id));

  const paused = await set(token, false);
  expect([paused.status, paused.body]).toEqual([
    200,
    { success: true, data: { online: true, accepting: false } },
  ]);
  expect(Number(paused.headers.get('x-event-sequence'))).toBeGreaterThan(0);
  for (const talker of [here, there]) await expect.poll(() => told(talker), soon).toEqual([true, false]);
  expect(told(stranger)).toEqual([true, false]);
  await expect.poll(() => doors[1].parts.directory.anyUser(Number(id))?.accepting, soon).toBe(false);
  const second = await start();
  expect(second.agentId).toBeNull();
  expect(await agentOf(first.sessionId)).toBe(String(id));
  const { body } = await ask(doors[1].url, 'GET', '/api/agents', { token });
  expect(body.data.agents.find((agent: { id: number }) => agent.id === id)).toMatchObject({
    online: true,
    accepting: false,
  });

  await set(token, true);
  await expect.poll(() => agentOf(second.sessionId), soon).toBe(String(id));
  for (const talker of [here, there])
    await expect.poll(() => told(talker), soon).toEqual([true, false, true]);
  // Whoever comes later is told at once what holds.
  await set(token, false);
  const late = await Talker.connect(doors[1].port, { token });
  await expect.poll(() => told(late)[0], soon).toBe(false);
  for (const talker of [here, there, stranger, late]) talker.close();
});

test('it is the caller’s own switch, and takes nothing but true or false', async () => {
  expect((await ask(doors[0].url, 'PUT', '/api/availability', { json: { accepting: true } })).status).toBe(
    401,
  );
  for (const wrong of [null, 'yes', 1, undefined]) expect((await set(owner.token, wrong)).status).toBe(400);
  const now = async () => (await ask(doors[0].url, 'GET', '/api/availability', { token: owner.token })).body;
  await expect.poll(now, soon).toEqual({ success: true, data: { online: false, accepting: false } });
});
