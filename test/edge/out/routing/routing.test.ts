// Who is given what, over real doors: whoever has the fewest, whoever fits, never too many, and back again when an agent is gone.
import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from '../../http/door.ts';
import { Talker } from '../../socket/talker.ts';

let servers: Servers;
let here: Door;
let there: Door;
let owner: { readonly token: string };
let siteKey: string;
const talkers: Talker[] = [];
const begun: string[] = [];
let made = 0;

/** Milliseconds that an agent may be away in these tests. */
const GRACE = 1_000;
const soon = { timeout: 10_000, interval: 25 };

beforeAll(async () => {
  servers = await startServers();
  [here, there] = [await openDoor(servers, { routes: GRACE }), await openDoor(servers, { routes: GRACE })];
  owner = await register(here.url, 'owner');
  const workspace = here.parts.directory.defaultWorkspace()?.id ?? '';
  siteKey = here.parts.directory.widgets(workspace)[0]?.siteKey ?? '';
}, 120_000);
beforeEach(() => settings({ routing: 'auto', sticky_agent: false }));
afterEach(async () => {
  for (const conversation of begun.splice(0)) await bySelf(conversation, 'CloseConversation');
  for (const talker of talkers.splice(0)) await leave(talker);
});
afterAll(async () => {
  for (const door of [here, there]) await door?.close();
  await servers?.stop();
});

const settings = (json: object) =>
  ask(here.url, 'PATCH', '/api/workspace/settings', { token: owner.token, json });

interface Agent {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly talker: Talker;
}

async function agent(more: object = {}, door = here): Promise<Agent> {
  const name = `Agent ${++made}`;
  const { token, id } = await addAgent(here.url, owner.token, name, 'usual');
  if (Object.keys(more).length > 0)
    await ask(here.url, 'PATCH', `/api/agents/${id}`, { token: owner.token, json: more });
  return { id: String(id), name, token, talker: await connect(token, door) };
}

async function connect(token: string, door = here): Promise<Talker> {
  const talker = await Talker.connect(door.port, { token });
  talkers.push(talker);
  return talker;
}

async function leave(talker: Talker): Promise<void> {
  talker.close();
  await talker.closed;
}

async function visitor(more: object = {}): Promise<string> {
  const command = `0192f0c0-7c00-7000-8000-${String(++made).padStart(12, '0')}`;
  const { status, body } = await ask(there.url, 'POST', '/api/conversations', {
    json: { siteKey, command, visitor: { name: 'Vera' }, ...more },
  });
  expect(status).toBe(201);
  begun.push(body.conversation);
  return body.conversation;
}

const workspace = () => here.parts.directory.defaultWorkspace()?.id ?? '';
const stateOf = async (conversation: string) => {
  const { conversations } = there.parts;
  return (await conversations.load(there.storage.log.subjects.conversation(workspace(), conversation))).state;
};
const ownerOf = async (conversation: string) => {
  const { status, owner } = await stateOf(conversation);
  return status === 'open' && owner.kind === 'agent' ? owner.agent.id : undefined;
};
const eventsOf = async (conversation: string) => {
  const { log } = there.storage;
  const events = [];
  for await (const stored of log.read(log.subjects.conversation(workspace(), conversation), 0))
    events.push(...stored.events());
  return events;
};
/** As the visitor, with the rights of whoever began it. */
async function bySelf(conversation: string, type: 'CloseConversation'): Promise<void> {
  const principal = { kind: 'visitor', workspace: workspace(), conversation, proven: true } as const;
  await there.parts.desk.ask(principal, conversation, { type, data: {} });
}

describe('routing by itself', () => {
  test('spreads what comes in, and gives the next as soon as one is over', async () => {
    const team = [await agent(), await agent({}, there)];
    const chats: string[] = [];
    for (let n = 0; n < 5; n++) chats.push(await visitor());
    const owners = async () => Promise.all(chats.map(ownerOf));
    await expect.poll(async () => (await owners()).filter(Boolean).length, soon).toBe(4);
    for (const { id } of team) expect((await owners()).filter((each) => each === id)).toHaveLength(2);
    expect((await owners())[4]).toBeUndefined();
    await bySelf(chats[0] ?? '', 'CloseConversation');
    await expect.poll(async () => (await owners())[4], soon).toBeDefined();
  });

  test('is the agents’ own business where the workspace says so', async () => {
    await settings({ routing: 'manual' });
    const { talker, id } = await agent();
    const chat = await visitor();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await ownerOf(chat)).toBeUndefined();
    expect(await talker.command(chat, 'AcceptConversation', {})).toMatchObject({ ok: true });
    expect(await ownerOf(chat)).toBe(id);
  });

  test('goes by department and skills, and by urgency', async () => {
    const german = await agent({ departments: ['sales'], skills: ['german'], max_chats: 1 });
    const inSales = await visitor({ department: 'sales' });
    await expect.poll(() => ownerOf(inSales), soon).toBe(german.id);
    const [plain, urgent, tagged] = [
      await visitor(),
      await visitor(),
      await visitor({ department: 'sales' }),
    ];
    await german.talker.command(urgent, 'SetPriority', { priority: 'urgent' });
    await german.talker.command(tagged, 'SetTags', { tags: ['german'] });
    const other = await agent({ max_chats: 1 });
    await expect.poll(() => ownerOf(urgent), soon).toBe(other.id);
    await bySelf(inSales, 'CloseConversation');
    await expect.poll(() => ownerOf(tagged), soon).toBe(german.id);
    expect(await ownerOf(plain)).toBeUndefined();
  });

  test('gives what an agent puts back to another one', async () => {
    const first = await agent();
    const chat = await visitor();
    await expect.poll(() => ownerOf(chat), soon).toBe(first.id);
    const began = (await stateOf(chat)).placeSince;
    await first.talker.command(chat, 'QueueConversation', { department: 'billing' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await stateOf(chat)).toMatchObject({ status: 'queued', department: 'billing', queuedAt: began });
    const second = await agent({ departments: ['billing'] });
    await expect.poll(() => ownerOf(chat), soon).toBe(second.id);
  });

  test('keeps to the hours of departments: closed, nobody is given; an overflow takes it', async () => {
    const never = { time_zone: 'Europe/Berlin', weekly: {}, overflow: null, overflow_after_seconds: null };
    await settings({ hours: { sales: never, billing: { ...never, overflow: 'support' } } });
    try {
      const [all, support] = [await agent(), await agent({ departments: ['support'], max_chats: 1 })];
      const [sales, billing] = [
        await visitor({ department: 'sales' }),
        await visitor({ department: 'billing' }),
      ];
      await expect.poll(() => ownerOf(billing), soon).toBeDefined();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect([all.id, support.id]).toContain(await ownerOf(billing));
      expect(await ownerOf(sales)).toBeUndefined();
      await settings({ hours: {} });
      await expect.poll(() => ownerOf(sales), soon).toBeDefined();
    } finally {
      await settings({ hours: {} });
    }
  });

  test('helps out once a visitor has waited too long', async () => {
    const weekly = Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [{ from: '00:00', to: '24:00' }]]),
    );
    const open = { time_zone: 'UTC', weekly, overflow: 'support', overflow_after_seconds: 2 };
    await settings({ hours: { sales: open } });
    try {
      const { id } = await agent({ departments: ['support'] });
      const chat = await visitor({ department: 'sales' });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(await ownerOf(chat)).toBeUndefined();
      await expect.poll(() => ownerOf(chat), soon).toBe(id);
    } finally {
      await settings({ hours: {} });
    }
  });

  test('brings a visitor back to the agent they had, where that is wanted', async () => {
    await settings({ sticky_agent: true });
    const [one, two] = [await agent(), await agent()];
    const email = `vera${made}@example.com`;
    const first = await visitor({ visitor: { name: 'Vera', email } });
    await expect.poll(() => ownerOf(first), soon).toBeDefined();
    const had = await ownerOf(first);
    // Whoever had none for longest is the other one.
    await bySelf(first, 'CloseConversation');
    await expect
      .poll(() => there.parts.routing.load(there.storage.log.subjects.routing(workspace())), soon)
      .toMatchObject({ state: { desks: { [had ?? '']: { places: {} } } } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const again = await visitor({ visitor: { name: 'Vera', email } });
    await expect.poll(() => ownerOf(again), soon).toBe(had);
    expect([one.id, two.id]).toContain(had);
  });
});

describe('by hand', () => {
  beforeEach(() => settings({ routing: 'manual' }));

  test('two at once: one has it, the other is told who', async () => {
    const [one, two] = [await agent(), await agent({}, there)];
    for (let round = 0; round < 6; round++) {
      const chat = await visitor();
      const answers = await Promise.all(
        [one, two].map(({ talker }) => talker.command(chat, 'AcceptConversation', {})),
      );
      const won = answers.findIndex((answer) => 'ok' in answer);
      const winner = [one, two][won];
      expect(winner && (await ownerOf(chat))).toBe(winner?.id);
      expect(answers[1 - won]).toMatchObject({
        refused: 'already-assigned',
        message: `${winner?.name} has this session already`,
      });
      await bySelf(chat, 'CloseConversation');
    }
  });

  test('an agent takes no more than they take, and an admin who gives them more does so openly', async () => {
    const { talker, id, name } = await agent();
    const chats = [await visitor(), await visitor(), await visitor()];
    const accepted = await Promise.all(chats.map((chat) => talker.command(chat, 'AcceptConversation', {})));
    expect(accepted.filter((answer) => 'ok' in answer)).toHaveLength(2);
    expect(accepted.find((answer) => 'refused' in answer)).toMatchObject({
      refused: 'at-capacity',
      message: `${name} has as many sessions as they take at once; end or hand over one first, or let an admin assign it`,
    });
    const left = chats[accepted.findIndex((answer) => 'refused' in answer)] ?? '';
    expect(await talker.command(left, 'AssignAgent', { agent: id })).toMatchObject({
      refused: 'at-capacity',
    });
    // What is written all the same is a helping hand.
    expect(await talker.command(left, 'PostMessage', { text: 'Somebody is with you soon' })).toMatchObject({
      ok: true,
    });
    expect(await stateOf(left)).toMatchObject({ status: 'queued', joined: [id] });

    const admin = await connect(owner.token);
    expect(await admin.command(left, 'AssignAgent', { agent: id })).toMatchObject({ ok: true });
    expect((await eventsOf(left)).at(-1)).toMatchObject({
      type: 'AgentAssigned',
      data: { agent: { id }, overCapacity: true },
    });
    const more = await visitor();
    await bySelf(left, 'CloseConversation');
    expect(await talker.command(more, 'AcceptConversation', {})).toMatchObject({ refused: 'at-capacity' });
    await bySelf(chats.find((chat) => chat !== left) ?? '', 'CloseConversation');
    expect(await talker.command(more, 'AcceptConversation', {})).toMatchObject({ ok: true });
  });

  test('a handed-over conversation frees its place, and takes one at the other', async () => {
    const [one, two] = [await agent({ max_chats: 1 }), await agent({ max_chats: 1 })];
    const [first, second] = [await visitor(), await visitor()];
    await one.talker.command(first, 'AcceptConversation', {});
    expect(await one.talker.command(first, 'TransferConversation', { to: two.id })).toMatchObject({
      ok: true,
    });
    expect(await one.talker.command(second, 'AcceptConversation', {})).toMatchObject({ ok: true });
    expect(await one.talker.command(second, 'TransferConversation', { to: two.id })).toMatchObject({
      refused: 'at-capacity',
    });
    expect(await ownerOf(second)).toBe(one.id);
  });

  test('a hand-over that is under way keeps its place, whatever its agent does meanwhile', async () => {
    const [one, two] = [await agent({ max_chats: 1 }), await agent({ max_chats: 1 })];
    const [chat, other] = [await visitor(), await visitor()];
    await one.talker.command(chat, 'AcceptConversation', {});
    const address = there.storage.log.subjects.conversation(workspace(), chat);
    const user = there.parts.directory.user(workspace(), two.id);
    if (!user) throw new Error('no such agent');
    const { version } = await there.parts.conversations.load(address);
    const taking = { agent: user, mayExceed: false, onlyIfFree: false, asOf: version };
    // As far as an edge has come that is slow just then.
    const handed = await there.parts.ownership.take(address, taking, async () => {
      await one.talker.command(chat, 'QueueConversation', {});
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await two.talker.command(other, 'AcceptConversation', {})).toMatchObject({
        refused: 'at-capacity',
      });
      return there.parts.conversations.handle(address, {
        type: 'TransferConversation',
        data: { to: { id: two.id, name: two.name }, reason: '' },
        actor: { kind: 'system' },
        command: v7(),
      });
    });
    expect(handed).toMatchObject({ state: { status: 'open' } });
    expect(await two.talker.command(other, 'AcceptConversation', {})).toMatchObject({
      refused: 'at-capacity',
    });
    await bySelf(chat, 'CloseConversation');
    expect(await two.talker.command(other, 'AcceptConversation', {})).toMatchObject({ ok: true });
  });

  test('who is of another business, of none, or what has ended', async () => {
    const { talker } = await agent();
    const stranger = await register(here.url, `stranger${made}`);
    const foreign = await ask(here.url, 'GET', '/api/auth/me', { token: stranger.token });
    const chat = await visitor();
    for (const to of [String(foreign.body.data.user.id), '999999999'])
      expect(await talker.command(chat, 'AssignAgent', { agent: to })).toMatchObject({
        refused: 'agent-not-found',
      });
    await bySelf(chat, 'CloseConversation');
    expect(await talker.command(chat, 'AcceptConversation', {})).toMatchObject({
      refused: 'conversation-closed',
    });
    const spy = await connect(stranger.token);
    expect(await spy.command(await visitor(), 'AcceptConversation', {})).toMatchObject({
      refused: 'conversation-not-found',
    });
    const { state } = await here.parts.routing.load(here.storage.log.subjects.routing(workspace()));
    expect(Object.values(state.desks).flatMap(({ places }) => Object.keys(places))).not.toContain(chat);
  });
});

describe('an agent who is gone', () => {
  test('leaves their conversations to the others, at the place that they had, and the visitor is told', async () => {
    const gone = await agent();
    const chat = await visitor();
    await expect.poll(() => ownerOf(chat), soon).toBe(gone.id);
    const since = (await stateOf(chat)).placeSince;
    const guest = await Talker.connect(there.port, { conversation: chat, visitorToken: await tokenOf(chat) });
    talkers.push(guest);
    await guest.resume(chat, 0);
    await settings({ routing: 'manual' });
    const later = await visitor();
    await leave(gone.talker);
    await expect.poll(() => stateOf(chat), soon).toMatchObject({ status: 'queued', queuedAt: since });
    await guest.when(() => guest.events.some(({ type }) => type === 'ConversationQueued'));
    expect(guest.events.find(({ type }) => type === 'ConversationQueued')?.data).toEqual({
      from: { id: gone.id, name: gone.name },
      left: true,
    });
    await settings({ routing: 'auto' });
    const next = await agent({ max_chats: 1 });
    await expect.poll(() => ownerOf(chat), soon).toBe(next.id);
    expect(await ownerOf(later)).toBeUndefined();
  });

  test('is not gone who only loads the page anew, or has another device', async () => {
    const { talker, token, id } = await agent();
    const chat = await visitor();
    await expect.poll(() => ownerOf(chat), soon).toBe(id);
    await leave(talker);
    const [one, two] = [await connect(token), await connect(token, there)];
    await new Promise((resolve) => setTimeout(resolve, GRACE + 500));
    expect(await ownerOf(chat)).toBe(id);
    await leave(one);
    await new Promise((resolve) => setTimeout(resolve, GRACE + 500));
    expect(await ownerOf(chat)).toBe(id);
    await leave(two);
    await expect.poll(() => ownerOf(chat), soon).toBeUndefined();
  });

  test('is not missed who never had a connection', async () => {
    await settings({ routing: 'manual' });
    const { token, id } = await addAgent(here.url, owner.token, `Agent ${++made}`, 'usual');
    const chat = await visitor();
    const assigned = await ask(here.url, 'PATCH', `/api/admin/live-chat/sessions/${chat}/assign`, {
      token,
      json: { agentId: id },
    });
    expect(assigned.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, GRACE + 1_000));
    expect(await ownerOf(chat)).toBe(String(id));
    // From the first connection on they are like everybody else.
    const talker = await connect(token);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await leave(talker);
    await expect.poll(() => ownerOf(chat), soon).toBeUndefined();
  });

  test('is gone at once who is no user any more', async () => {
    await settings({ routing: 'manual' });
    const { token, id } = await addAgent(here.url, owner.token, `Agent ${++made}`, 'usual');
    const chat = await visitor();
    await ask(here.url, 'PATCH', `/api/admin/live-chat/sessions/${chat}/assign`, {
      token,
      json: { agentId: id },
    });
    expect(await ownerOf(chat)).toBe(String(id));
    await ask(here.url, 'DELETE', `/api/agents/${id}`, { token: owner.token });
    await expect.poll(() => ownerOf(chat), soon).toBeUndefined();
  });
});

test('a place whose conversation never followed is followed up, and one without a conversation is free again', async () => {
  await settings({ routing: 'manual' });
  const { id } = await agent({ max_chats: 1 });
  const chat = await visitor();
  const address = there.storage.log.subjects.conversation(workspace(), chat);
  const user = there.parts.directory.user(workspace(), id);
  if (!user) throw new Error('no such agent');
  const { version } = await there.parts.conversations.load(address);
  // What an edge has done that dies right after it.
  const taking = { agent: user, mayExceed: false, onlyIfFree: true, asOf: version };
  expect(await there.parts.ownership.reserve(address, taking)).toEqual({ overCapacity: false });
  await expect.poll(() => ownerOf(chat), { timeout: 20_000, interval: 100 }).toBe(id);
  await bySelf(chat, 'CloseConversation');

  const ended = await visitor();
  const at = there.storage.log.subjects.conversation(workspace(), ended);
  const before = await there.parts.conversations.load(at);
  await there.parts.ownership.reserve(at, { ...taking, asOf: before.version });
  await bySelf(ended, 'CloseConversation');
  await expect
    .poll(
      async () =>
        (await there.parts.routing.load(there.storage.log.subjects.routing(workspace()))).state.desks[id],
      { timeout: 20_000, interval: 100 },
    )
    .toMatchObject({ places: {} });
}, 60_000);

async function tokenOf(conversation: string): Promise<string> {
  return there.parts.tokens.sign({ kind: 'visitor', sub: conversation, ws: workspace() });
}
