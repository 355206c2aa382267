// How a widget's AI is set up over HTTP, what of it pages are told, and which conversations begin with it.
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

let servers: Servers;
let door: Door;
let owner: { readonly token: string };
let agent: { readonly token: string };
let stranger: { readonly token: string };
let siteKey: string;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  owner = await register(door.url, 'owner');
  agent = await addAgent(door.url, owner.token, 'Jane');
  stranger = await register(door.url, 'stranger');
  const { body } = await ask(door.url, 'GET', '/api/widgets', { token: owner.token });
  siteKey = body.data.widgets[0].site_key;
});
afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

const put = (json: object, token = owner.token) =>
  ask(door.url, 'PUT', `/api/widgets/${siteKey}`, { token, json });
const read = async () =>
  (await ask(door.url, 'GET', `/api/widgets/${siteKey}`, { token: owner.token })).body.data.widget;
const usual = {
  prompt: '',
  tone: '',
  model: null,
  temperature: 0.3,
  hand_over: { keywords: [], min_confidence: 0.35, max_failures: 2 },
};

/** Whether a conversation begun in that dialect is the AI's. */
async function begins(path: string, json: object, headers: Record<string, string> = {}): Promise<boolean> {
  const { status, body } = await ask(door.url, 'POST', path, { json, headers });
  expect(status).toBe(201);
  const id = body.conversation ?? body.data.session?.sessionId ?? body.data.sessionId;
  const workspace = door.parts.directory.defaultWorkspace()?.id ?? '';
  const address = door.storage.log.subjects.conversation(workspace, id);
  return (await door.parts.conversations.load(address)).state.owner.kind === 'ai';
}
const native = () => begins('/api/conversations', { siteKey, command: v7(), visitor: {} });
const liveChat = () =>
  begins('/api/live-chat/sessions', { user: { name: 'John Doe', email: 'john@example.com' } });

test('a widget says nothing of its AI at first; what is changed stays beside what is left out, inside it too', async () => {
  expect(await read()).toMatchObject({ ai_enabled: null, ai: usual });
  expect((await put({ ai: { prompt: 'Be brief.', hand_over: { keywords: ['refund'] } } })).status).toBe(200);
  expect(
    (await put({ ai: { temperature: 1, hand_over: { max_failures: 3 } }, ai_enabled: true })).status,
  ).toBe(200);
  expect(await read()).toMatchObject({
    ai_enabled: true,
    ai: {
      prompt: 'Be brief.',
      tone: '',
      model: null,
      temperature: 1,
      hand_over: { keywords: ['refund'], min_confidence: 0.35, max_failures: 3 },
    },
  });
  // What visitors' pages are told holds no instructions and no rules.
  const { body } = await ask(door.url, 'GET', `/api/widgets/${siteKey}/config`);
  expect(JSON.stringify(body)).not.toMatch(/brief|refund|ai/);
  expect((await put({ ai: usual, ai_enabled: null })).status).toBe(200);
  expect(await read()).toMatchObject({ ai_enabled: null, ai: usual });
});

test('what does not fit is refused, and only the workspace’s admins change it', async () => {
  const wrong = [
    { ai_enabled: 'yes' },
    { ai: null },
    { ai: { temperature: 3 } },
    { ai: { prompt: 'x'.repeat(8_001) } },
    { ai: { hand_over: { keywords: Array.from({ length: 51 }, (_, index) => `word ${index}`) } } },
    { ai: { hand_over: { min_confidence: 2 } } },
  ];
  for (const json of wrong) expect((await put(json)).status).toBe(400);
  expect((await put({ ai_enabled: false }, agent.token)).status).toBe(403);
  expect((await put({ ai_enabled: false }, stranger.token)).status).toBe(404);
  expect(await read()).toMatchObject({ ai_enabled: null, ai: usual });
});

test('conversations begin with the AI where there is something to answer with, and nobody has switched it off', async () => {
  expect([await native(), await liveChat()]).toEqual([false, false]);
  // Switched on, but there is neither a model nor any knowledge: nobody is left alone with it.
  await put({ ai_enabled: true });
  expect(await native()).toBe(false);
  await put({ ai_enabled: null });
  const made = await ask(door.url, 'POST', '/api/knowledge', {
    token: owner.token,
    json: { title: 'Opening hours', content: 'From nine to five.' },
  });
  expect(made.status).toBe(201);
  expect([await native(), await liveChat()]).toEqual([true, true]);
  // That document's sessions are for people, and so is one that begins by asking for a person.
  const issued = await ask(door.url, 'POST', '/api/auth/token', {
    json: { userId: 'user1', userType: 'user' },
  });
  const support = { authorization: `Bearer ${issued.body.data.token}` };
  expect(await begins('/api/chat/start-session', { userId: 'user1', userType: 'user' }, support)).toBe(false);
  const escalated = await ask(door.url, 'POST', `/api/widgets/escalate/${siteKey}/session-of-a-person`, {
    json: {},
  });
  expect(escalated.status).toBe(201);
  const workspace = door.parts.directory.defaultWorkspace()?.id ?? '';
  const { state } = await door.parts.conversations.load(
    door.storage.log.subjects.conversation(workspace, 'session-of-a-person'),
  );
  expect(state.owner.kind).toBe('nobody');
  await put({ ai_enabled: false });
  expect([await native(), await liveChat()]).toEqual([false, false]);
});

test('what was switched off is not given a conversation back, and says so', async () => {
  await put({ ai_enabled: false });
  const { body } = await ask(door.url, 'POST', '/api/conversations', {
    json: { siteKey, command: v7(), visitor: {} },
  });
  const user = door.parts.directory.users(door.parts.directory.defaultWorkspace()?.id ?? '')[0];
  if (!user) throw new Error('nobody is here');
  const by = { kind: 'user', workspace: user.workspace, user } as const;
  const back = () => door.parts.desk.ask(by, body.conversation, { type: 'ReturnToAi', data: {} });
  expect(await back()).toEqual({ refused: 'ai-switched-off' });
  await put({ ai_enabled: null });
  expect(await back()).toMatchObject({ unchanged: false });
});
