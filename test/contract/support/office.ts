// The office that the support document's tests talk to: an edge, its API key, its people, and who of them is online.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  type Answer,
  ask,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../../edge/http/door.ts';
import { Talker } from '../../edge/socket/talker.ts';

interface Office {
  readonly servers: Servers;
  readonly door: Door;
  readonly boss: { readonly token: string; readonly id: number; readonly email: string };
  readonly workspace: string;
  readonly apiKey: string;
}

/** A moment as the document's Date is spelled in JSON. */
export const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const STRING = expect.any(String);
export const NUMBER = expect.any(Number);

/** Opened before the tests of the file that imports it, and closed after them. */
export let office: Office;
let online: Talker[] = [];
let made = 0;
/** Sessions begun within a test: none of them is to wait for the next test's agents. */
let begun: string[] = [];

beforeAll(async () => {
  const servers = await startServers();
  // As the document's .env has them.
  const frontendUrls = ['http://localhost:3000', 'http://localhost:5173'];
  const door = await openDoor(servers, { frontendUrls, routes: true });
  const boss = await register(door.url, 'owner');
  const workspace = door.parts.directory.defaultWorkspace()?.id ?? '';
  const apiKey = 'your-api-key-here';
  await door.parts.apiTokens.configure(workspace, apiKey);
  office = { servers, door, boss, workspace, apiKey };
});

afterEach(async () => {
  for (const sessionId of begun) await call('POST', `/chat/end-session/${sessionId}`, withKey());
  begun = [];
  for (const talker of online) talker.socket.close();
  await Promise.all(online.map(({ closed }) => closed));
  online = [];
  // A socket that is gone is so for the edge a moment later.
  for (let tries = 0; tries < 100 && (await agentsOnline()) > 0; tries++) await sleep(20);
});

afterAll(async () => {
  await office?.door.close();
  await office?.servers.stop();
});

/** `path` follows `/api`. */
export async function call(
  method: string,
  path: string,
  by: { readonly token?: string; readonly key?: string; readonly headers?: Record<string, string> } = {},
  json?: unknown,
): Promise<Answer> {
  const answer = await ask(office.door.url, method, `/api${path}`, {
    token: by.token,
    json,
    headers: { ...by.headers, ...(by.key === undefined ? {} : { 'x-api-key': by.key }) },
  });
  if (path === '/chat/start-session' && answer.status === 201) begun.push(answer.body.data.sessionId);
  return answer;
}

export const withKey = () => ({ key: office.apiKey });

/** A token from POST /api/auth/token. */
export async function tokenOf(userId: string, userType = 'user', key?: string): Promise<string> {
  const answer = await call('POST', '/auth/token', { key }, { userId, userType });
  expect(answer.status).toBe(200);
  return answer.body.token;
}

export interface Agent {
  /** The public number. */
  readonly id: string;
  readonly token: string;
}

/** An agent of the office, made by asking for their token with the API key. */
export async function agent(name = `agent-${++made}`): Promise<Agent> {
  const token = await tokenOf(name, 'agent', office.apiKey);
  const { body } = await call('GET', '/auth/me', { token });
  return { id: String(body.data.user.id), token };
}

/** Opens a socket of that agent; whoever has one is online, until the end of the test. */
export async function comesOnline({ token }: Agent): Promise<Talker> {
  const talker = await Talker.connect(office.door.port, { token });
  online.push(talker);
  return talker;
}

export async function agentsOnline(): Promise<number> {
  return (await call('GET', '/chat/stats', withKey())).body.data.agents.online;
}

export interface Session {
  readonly sessionId: string;
  readonly token: string;
  readonly visitorToken: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the answer showed, for tests to say
  readonly session: any;
}

/** A session of that user, begun with their own token. */
export async function session(userId = `user${++made}`): Promise<Session> {
  const token = await tokenOf(userId);
  const answer = await call('POST', '/chat/start-session', { token }, { userId, userType: 'user' });
  expect(answer.status).toBe(201);
  return { token, ...answer.body.data };
}

/** The session as it is now. */
// biome-ignore lint/suspicious/noExplicitAny: what the answer showed, for tests to say
export async function now(sessionId: string): Promise<any> {
  return (await call('GET', `/chat/session/${sessionId}`, withKey())).body.data.session;
}

/** Asks until it is so. */
export async function eventually(is: () => Promise<boolean>, within = 8_000): Promise<void> {
  for (const deadline = Date.now() + within; Date.now() < deadline; await sleep(25)) if (await is()) return;
  throw new Error(`it was not so within ${within} ms`);
}

/** Runs a curl line of the document, with this edge's address and a token in place of the placeholders. */
// biome-ignore lint/suspicious/noExplicitAny: the body of any route
export async function curl(line: string, token = ''): Promise<any> {
  const told = line.replace('http://localhost:5000', office.door.url).replace('<token>', token);
  const { stdout } = await promisify(execFile)('bash', ['-c', told.replace('curl ', 'curl --silent ')]);
  return JSON.parse(stdout);
}
