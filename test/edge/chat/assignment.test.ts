// Sessions of the support dialect are given to agents: never more than they take, longest waiting first, by two edges as by one.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from '../http/door.ts';
import { Talker } from '../socket/talker.ts';

let servers: Servers;
let doors: [Door, Door];
let owner: { readonly token: string };
let key: string;
let talkers: Talker[] = [];
let begun: string[] = [];
let made = 0;

beforeAll(async () => {
  servers = await startServers();
  doors = [await openDoor(servers, { routes: true }), await openDoor(servers, { routes: true })];
  owner = await register(doors[0].url, 'owner');
  const workspace = doors[0].parts.directory.defaultWorkspace()?.id ?? '';
  key = (await doors[0].parts.apiTokens.rotate(workspace)).token ?? '';
});

afterEach(async () => {
  for (const sessionId of begun) await end(sessionId);
  begun = [];
  await offline(...talkers);
  talkers = [];
});

afterAll(async () => {
  for (const door of doors ?? []) await door.close();
  await servers?.stop();
});

const withKey = () => ({ headers: { 'x-api-key': key } });

/** An agent with a socket at that edge. */
async function online(door: Door) {
  const agent = await addAgent(door.url, owner.token, `Agent ${++made}`, 'usual');
  const talker = await Talker.connect(door.port, { token: agent.token });
  talkers.push(talker);
  await sleep(150);
  return { ...agent, number: String(agent.id), talker };
}

async function offline(...gone: Talker[]) {
  for (const { socket } of gone) socket.close();
  await Promise.all(gone.map(({ closed }) => closed));
  // Until the other edge has heard of it.
  await sleep(200);
}

async function start(door: Door): Promise<{ sessionId: string; agentId: string | null }> {
  const answer = await ask(door.url, 'POST', '/api/chat/start-session', {
    ...withKey(),
    json: { userId: `user${++made}` },
  });
  expect(answer.status).toBe(201);
  begun.push(answer.body.data.sessionId);
  return answer.body.data.session;
}

const end = (sessionId: string) => ask(doors[0].url, 'POST', `/api/chat/end-session/${sessionId}`, withKey());

async function session(sessionId: string): Promise<{ status: string; agentId: string | null }> {
  const { body } = await ask(doors[1].url, 'GET', `/api/chat/session/${sessionId}`, withKey());
  return body.data.session;
}

async function until(is: () => Promise<boolean>, within = 8_000): Promise<void> {
  for (const deadline = Date.now() + within; Date.now() < deadline; await sleep(25)) if (await is()) return;
  throw new Error(`it was not so within ${within} ms`);
}

/** How many open sessions of those each agent has. */
async function loads(sessions: readonly string[]): Promise<Map<string, number>> {
  const all = new Map<string, number>();
  for (const sessionId of sessions) {
    const { status, agentId } = await session(sessionId);
    if (status === 'active' && agentId) all.set(agentId, (all.get(agentId) ?? 0) + 1);
  }
  return all;
}

describe('sessions are given to agents', () => {
  test('two edges at once give no agent more than two, and the next as soon as one is over', async () => {
    const agents = [await online(doors[0]), await online(doors[1])];
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) => start(doors[index % 2 === 0 ? 0 : 1])),
    );
    const ids = all.map(({ sessionId }) => sessionId);
    await until(async () => [...(await loads(ids)).values()].reduce((sum, n) => sum + n, 0) === 4);
    // Whatever is still under way between the edges has had its time.
    await sleep(500);
    for (let over = 0; over < ids.length - 4; over += 4) {
      const now = await loads(ids);
      expect(new Set(now.keys())).toEqual(new Set(agents.map(({ number }) => number)));
      expect([...now.values()]).toEqual([2, 2]);
      const open = await Promise.all(ids.map(session));
      await Promise.all(ids.filter((_, index) => open[index]?.status === 'active').map(end));
      await until(async () => [...(await loads(ids)).values()].reduce((sum, n) => sum + n, 0) === 4);
      await sleep(300);
    }
    expect([...(await loads(ids)).values()]).toEqual([2, 2]);
  });

  test('those who wait are given once an agent comes, longest waiting first', async () => {
    const waiting = [await start(doors[0]), await start(doors[1]), await start(doors[0])];
    expect(waiting.map(({ agentId }) => agentId)).toEqual([null, null, null]);
    const { number } = await online(doors[1]);
    const [first, second, third] = waiting.map(({ sessionId }) => sessionId);
    await until(async () => (await session(second ?? '')).agentId === number);
    expect(await session(first ?? '')).toMatchObject({ status: 'active', agentId: number });
    await sleep(500);
    expect(await session(third ?? '')).toMatchObject({ status: 'waiting', agentId: null });
  });

  test('a session of another dialect waits to be accepted, and counts once it is', async () => {
    const { token, number, id } = await online(doors[0]);
    const guest = await ask(doors[0].url, 'POST', '/api/live-chat/sessions', {
      json: { user: { name: 'John Doe', email: 'john@example.com' } },
    });
    const other = guest.body.data.session.sessionId as string;
    begun.push(other);
    await sleep(300);
    expect(await session(other)).toMatchObject({ status: 'waiting' });
    await ask(doors[0].url, 'PATCH', `/api/admin/live-chat/sessions/${other}/assign`, {
      token,
      json: { agentId: id },
    });
    await until(async () => (await session(other)).agentId === number);
    await sleep(300);
    expect((await start(doors[0])).agentId).toBe(number);
    expect((await start(doors[0])).agentId).toBe(null);
  });

  test('one who left is given nothing more', async () => {
    const { talker } = await online(doors[0]);
    await offline(talker);
    expect((await start(doors[1])).agentId).toBe(null);
  });

  test('lists that are away hold up nobody', async () => {
    const away = { ...servers, postgres: { ...servers.postgres, url: 'postgres://127.0.0.1:9/none' } };
    const door = await openDoor(away);
    try {
      const { talker, number } = await online(door);
      const began = performance.now();
      expect((await start(door)).agentId).toBe(number);
      expect(performance.now() - began).toBeLessThan(3_000);
      await offline(talker);
    } finally {
      await door.close();
    }
  });
});
