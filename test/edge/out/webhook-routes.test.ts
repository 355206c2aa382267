// Who may set a webhook, to what, and what is answered to everybody else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Answer,
  addAgent,
  ask,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../http/door.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let servers: Servers;
let door: Door;
let lenient: Door;
let receiver: Receiver;
let admin: string;
let agent: string;
let stranger: string;

beforeAll(async () => {
  [servers, receiver] = await Promise.all([startServers(), startReceiver()]);
  door = await openDoor(servers);
  lenient = await openDoor(servers, { reach: { allowPrivate: true } });
  ({ token: admin } = await register(door.url, 'owner'));
  ({ token: agent } = await addAgent(door.url, admin, 'An Agent'));
  ({ token: stranger } = await register(door.url, 'stranger'));
});
afterAll(async () => {
  await door?.close();
  await lenient?.close();
  await receiver?.close();
  await servers?.stop();
});

const PATH = '/api/workspace/webhook';
const get = (token?: string): Promise<Answer> => ask(door.url, 'GET', PATH, { token });
const put = (json: unknown, token: string | undefined = admin, url = door.url): Promise<Answer> =>
  ask(url, 'PUT', PATH, { token, json });

test('a workspace begins without one', async () => {
  const { status, body } = await get(admin);
  expect(status).toBe(200);
  expect(body).toEqual({
    success: true,
    data: {
      webhook: { url: '', enabled: false, gone: false, pending: 0, delivered: 0, given_up: 0, last: null },
    },
  });
});

test('admins alone see and set it', async () => {
  for (const method of ['GET', 'PUT', 'POST']) {
    const path = method === 'POST' ? `${PATH}/test` : PATH;
    const json = method === 'PUT' ? { url: 'https://example.com/', enabled: true } : undefined;
    expect((await ask(door.url, method, path, { json })).status).toBe(401);
    expect((await ask(door.url, method, path, { json, token: 'x.y.z' })).status).toBe(401);
    const { status, body } = await ask(door.url, method, path, { json, token: agent });
    expect([status, body.message]).toEqual([403, 'Insufficient permissions']);
  }
});

test('each workspace has its own', async () => {
  const mine = await put({ url: 'https://yoursite.com/api/chat-webhook.php', enabled: true });
  expect(mine.status).toBe(200);
  expect(Number(mine.headers.get('x-event-sequence'))).toBeGreaterThan(0);
  expect(mine.body.data.webhook).toMatchObject({
    url: 'https://yoursite.com/api/chat-webhook.php',
    enabled: true,
  });
  expect((await get(stranger)).body.data.webhook).toMatchObject({ url: '', enabled: false });
  await put({ url: 'https://elsewhere.example.com/', enabled: false }, stranger);
  expect((await get(admin)).body).toEqual(mine.body);
  // The same again changes nothing.
  expect((await put({ url: 'https://yoursite.com/api/chat-webhook.php', enabled: true })).body).toEqual(
    mine.body,
  );
});

test('what is no address, or none that may be reached, is refused in one sentence and changes nothing', async () => {
  const before = (await get(admin)).body;
  const refused: [unknown, RegExp][] = [
    [{ url: 'http://127.0.0.1/hook', enabled: true }, /public address/],
    [{ url: 'http://[::1]/hook', enabled: true }, /public address/],
    [{ url: 'http://[::ffff:127.0.0.1]/hook', enabled: true }, /public address/],
    [{ url: 'http://0.0.0.0/hook', enabled: true }, /public address/],
    [{ url: 'http://169.254.169.254/latest/', enabled: true }, /public address/],
    [{ url: 'http://10.1.2.3/hook', enabled: false }, /public address/],
    [{ url: 'http://2130706433/hook', enabled: true }, /public address/],
    [{ url: 'http://0177.0.0.1/hook', enabled: true }, /public address/],
    [{ url: 'http://0x7f000001/hook', enabled: true }, /public address/],
    [{ url: 'http://localhost:5000/hook', enabled: true }, /public address/],
    [{ url: 'https://user:pass@example.com/', enabled: true }, /user name or password/],
    [{ url: 'ftp://example.com/', enabled: true }, /http:\/\/ or https:\/\//],
    [{ url: 'example.com/hook', enabled: true }, /http:\/\/ or https:\/\//],
    [{ url: '', enabled: true }, /needs a URL/],
    [{ url: `https://example.com/${'x'.repeat(2_000)}`, enabled: true }, /2,000/],
    [{ url: 7, enabled: true }, /url/],
    [{ url: null, enabled: true }, /url/],
    [{ enabled: true }, /url/],
    [{ url: 'https://example.com/' }, /enabled/],
    [{ url: 'https://example.com/', enabled: 'yes' }, /enabled/],
    [[], /./],
  ];
  for (const [json, sentence] of refused) {
    const { status, body } = await put(json);
    expect(status, JSON.stringify(json)).toBe(400);
    expect(body.success).toBe(false);
    expect(body.message).toMatch(sentence);
  }
  expect((await get(admin)).body).toEqual(before);
});

test('a test is posted once, now, and says what came back', async () => {
  const path = `${PATH}/test`;
  await put({ url: '', enabled: false }, stranger);
  const without = await ask(lenient.url, 'POST', path, { token: stranger });
  expect([without.status, without.body.message]).toEqual([
    400,
    'The webhook needs a URL before it can be used',
  ]);
  await put({ url: receiver.url, enabled: false }, stranger, lenient.url);
  const tried = await ask(lenient.url, 'POST', path, { token: stranger });
  expect(tried.body).toEqual({
    success: true,
    data: { test: { ok: true, status: 200, problem: null, took: expect.any(Number) } },
  });
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]?.text).toBe('This is a test of the webhook.');
  expect(receiver.received[0]?.id).toMatch(/^test_/);
  receiver.answer = () => 404;
  const failed = await ask(lenient.url, 'POST', path, { token: stranger });
  expect(failed.body.data.test).toMatchObject({
    ok: false,
    status: 404,
    problem: 'The address answered 404.',
  });
  // An edge that may not reach private addresses does not, though another one let it be entered.
  await door.parts.directory.reach(await door.storage.log.head('WORKSPACE'), 5_000);
  const kept = await ask(door.url, 'POST', path, { token: stranger });
  expect(kept.body.data.test).toMatchObject({
    ok: false,
    status: null,
    problem: 'The host leads to an address that is not a public one.',
  });
  expect(receiver.received).toHaveLength(2);
  expect(door.logged() + lenient.logged()).not.toMatch(/"level":[56]0/);
});
