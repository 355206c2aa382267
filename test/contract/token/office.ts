// The business that the token document's programs call: an edge behind a trusted proxy, its token, its visitors, and real curl.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { v7 } from 'uuid';
import { afterAll, beforeAll } from 'vitest';
import {
  type Answer,
  ask,
  caughtUp,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../../edge/http/door.ts';

interface Office {
  readonly servers: Servers;
  readonly door: Door;
  readonly admin: string;
  /** The workspace's API token. */
  readonly token: string;
  /** Another business on the same installation. */
  readonly other: { readonly admin: string; readonly token: string };
}

/** Opened before the tests of the file that imports it, and closed after them. */
export let office: Office;

beforeAll(async () => {
  const servers = await startServers();
  const door = await openDoor(servers, { trustProxy: 1 });
  const business = async (name: string) => {
    const { token: admin } = await register(door.url, name);
    const made = await ask(door.url, 'POST', '/api/workspace/api-token', { token: admin });
    return { admin, token: made.body.data.token as string };
  };
  const first = await business('owner');
  office = { servers, door, ...first, other: await business('stranger') };
});

afterAll(async () => {
  await office?.door.close();
  await office?.servers.stop();
});

export const MAC_CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** What a CDN in front tells of the document's own visitor. */
const VITALIY = {
  'user-agent': MAC_CHROME,
  'x-forwarded-for': '31.43.52.185',
  'cf-ipcountry': 'UA',
  'cf-region': 'Kyiv Oblast',
  'cf-ipcity': 'Olenivka',
};

/** A session as the live-chat document's client starts it, under an id of its own. */
export async function startUnder(
  sessionId: string,
  user: object = { name: 'Vitaliy', email: 'dev@test.com' },
) {
  const path = '/api/live-chat/sessions';
  const started = await ask(office.door.url, 'POST', path, { json: { sessionId, user }, headers: VITALIY });
  if (started.status !== 201) throw new Error(`starting a session answered ${started.status}`);
  await caughtUp(office.servers);
}

/** A session as our own widget starts it, for whomever the page around it names. */
export async function startInWidget(
  visitor: object,
  headers: Record<string, string> = VITALIY,
  admin = office.admin,
) {
  const { directory, principals } = office.door.parts;
  const user = await principals.user(admin);
  const widget = user && directory.defaultWidget(user.workspace);
  const started = await ask(office.door.url, 'POST', '/api/conversations', {
    json: { siteKey: widget?.siteKey, command: v7(), visitor },
    headers,
  });
  if (started.status !== 201) throw new Error(`starting a session answered ${started.status}`);
  await caughtUp(office.servers);
  return started.body as { conversation: string; visitorToken: string };
}

const BASE = 'https://chat.yourdomain.com/';
const TOKENS = /MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6|YOUR_API_TOKEN/g;

/** The document's own text with our host and token in the places of its own. */
export function ours(text: string, token = office.token): string {
  return text.replaceAll(BASE, `${office.door.url}/`).replaceAll(TOKENS, token);
}

const run = promisify(execFile);

/** Runs real curl with these arguments, given in the document's words. */
export async function curl(...args: string[]): Promise<Answer> {
  const told = ['-sS', '-i', '--max-time', '20', ...args.map((arg) => ours(arg))];
  const { stdout } = await run('curl', told, { encoding: 'utf8' });
  const parts = stdout.split('\r\n\r\n');
  const body = parts.pop() ?? '';
  // A body that is announced is asked for first (100 Continue): the last head is the answer's.
  const [line = '', ...lines] = (parts.pop() ?? '').split('\r\n');
  const headers = new Headers(lines.map((each) => each.split(/: (.*)/s).slice(0, 2) as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, body: JSON.parse(body) };
}

export const list = (query = '', token = office.token): Promise<Answer> =>
  ask(office.door.url, 'GET', `/?get-all-chats-api=true&token=${token}${query}`);

export const SEND = '/?send-message-to-chat-api=true';

/** The document's POST in JSON. */
export const send = (json: unknown): Promise<Answer> => ask(office.door.url, 'POST', SEND, { json });

/** The texts of a session, oldest first, with who wrote them. */
export async function transcript(conversation: string): Promise<readonly string[]> {
  const path = `/api/live-chat/sessions/${conversation}/messages`;
  const { body } = await ask(office.door.url, 'GET', path);
  return body.data.map(({ type, content }: { type: string; content: string }) => `${type}: ${content}`);
}
