// What is said over real sockets is what the AsyncAPI document says: its clients' examples are taken, and nothing comes that it does not name.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { wireCommand } from '../../domain/wire.ts';
import { sayAiText } from '../../edge/chat/signals.ts';
import { nameOf, saidOf } from '../../edge/http/description/asyncapi.ts';
import { ask, type Door, openDoor, type Servers, startServers } from '../edge/http/door.ts';
import { realFrame } from './real-frame.ts';
import { Recorder, socketOf } from './recorder.ts';
import { type Session, World } from './world.ts';

let servers: Servers;
let door: Door;
let world: World;
let recorder: Recorder;
/** Of the last test alone: what the sockets before it heard says nothing of its own. */
let last: Recorder;
let jane: string;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  world = await World.begin(servers, door);
  const { body } = await ask(door.url, 'GET', '/api/asyncapi.json');
  recorder = new Recorder(body);
  last = new Recorder(body);
  jane = await world.tokenOf(world.user(world.jane));
}, 120_000);

afterAll(async () => {
  recorder?.close();
  last?.close();
  await door?.close();
  await servers?.stop();
});

/** Comes every 20 seconds; the native socket's own tests wait for it. */
const LATER = new Set(['NativeHeartbeat']);

const newSession = () => {
  const widget = door.parts.directory.defaultWidget(world.workspace);
  if (!widget) throw new Error('the workspace has no widget');
  return world.session(widget);
};

/** The newest message of a session: its id over HTTP. */
async function newestMessage(session: Session): Promise<string> {
  const answer = await ask(door.url, 'GET', `/api/live-chat/sessions/${session.id}/messages`);
  return answer.body.data.at(-1)._id;
}

const until = async (what: string, is: () => boolean) => {
  for (const deadline = Date.now() + 5_000; !is(); await sleep(10))
    if (Date.now() > deadline) throw new Error(`within 5 s: ${what}`);
};
const heard = (id: string, name: string) =>
  until(`${id} hears ${name}`, () => last.seen.get(id)?.has(name) ?? false);

/** Sends every example of that socket's clients, each on a connection of its own to a session of its own. */
async function sayAll(
  id: string,
  token: string,
  connect: (session: Session, example: object) => Promise<WebSocket>,
): Promise<number> {
  let count = 0;
  for (const frame of socketOf(id).fromClient)
    for (const example of saidOf(frame).examples as object[]) {
      const session = await newSession();
      const socket = await connect(session, example);
      const closed: number[] = [];
      const answers: { re?: unknown; refused?: string }[] = [];
      socket.on('close', (code: number) => closed.push(code));
      socket.on('message', (data) => answers.push(JSON.parse(String(data))));
      const said = realFrame(world, example, { session, token, message: await newestMessage(session) }) as {
        id?: unknown;
      };
      socket.send(JSON.stringify(said));
      if (said.id === undefined) await sleep(150);
      else
        await until(`an answer to ${JSON.stringify(said)}`, () => answers.some(({ re }) => re === said.id));
      expect([id, nameOf(frame), closed]).toEqual([id, nameOf(frame), []]);
      expect(answers.filter(({ refused }) => refused === 'frame-invalid')).toEqual([]);
      socket.close();
      count++;
    }
  return count;
}

test('what clients may say to the native socket is taken', async () => {
  const admin = await world.tokenOf(world.admin);
  const said = await sayAll('native', admin, (_session, example) =>
    recorder.open(door.port, 'native', 'auth' in example ? '/ws/v1' : `/ws/v1?token=${admin}`),
  );
  // Every command, and eight frames that are none.
  expect(said).toBe(wireCommand.options.length + 8);
}, 120_000);

test('what guests and agents may say in the live-chat dialect is taken', async () => {
  expect(
    await sayAll('liveChatUser', '', ({ id }) =>
      recorder.open(door.port, 'liveChatUser', `/ws/live-chat?sessionId=${id}`),
    ),
  ).toBe(3);
  const address = `/ws/live-chat?admin=true&userId=${world.jane}&token=${jane}`;
  expect(await sayAll('liveChatAdmin', jane, () => recorder.open(door.port, 'liveChatAdmin', address))).toBe(
    5,
  );
}, 120_000);

test('what customers and agents may say in the widget dialect is taken', async () => {
  const customer = await sayAll('widgetCustomer', '', ({ id }) =>
    recorder.open(door.port, 'widgetCustomer', `/ws/${id}`),
  );
  expect(customer).toBe(2);
  const address = `/ws/agent/${world.jane}?token=${jane}`;
  expect(await sayAll('widgetAgent', jane, () => recorder.open(door.port, 'widgetAgent', address))).toBe(5);
}, 120_000);

test('what may be said over Socket.IO is taken and acknowledged as shown', async () => {
  for (const frame of socketOf('support').fromClient) {
    const session = await newSession();
    const socket = await recorder.connect(door.port, 'support', jane);
    const joined = await socket.timeout(5_000).emitWithAck('join_session', { sessionId: session.id });
    recorder.note('support', joined);
    const [example] = saidOf(frame).examples;
    const answer = await socket
      .timeout(5_000)
      .emitWithAck(frame.event ?? '', realFrame(world, example, { session, token: jane }));
    recorder.note('support', answer);
    expect([frame.event, answer.success]).toEqual([frame.event, true]);
    socket.close();
  }
}, 120_000);

test('a session is told to every socket in frames that the document has', async () => {
  const session = await newSession();
  const { id } = session;
  const open = (name: string, address: string) => last.open(door.port, name, address);
  const visitor = await open('native', `/ws/v1?conversation=${id}`);
  visitor.send(JSON.stringify({ id: 1, resume: { conversation: id, after: 0 } }));
  const agent = await open('native', `/ws/v1?token=${jane}`);
  agent.send(JSON.stringify({ id: 1, watch: true }));
  agent.send(JSON.stringify({ id: 2, resume: { conversation: id, after: 0 } }));
  agent.send(JSON.stringify({ ping: 7 }));
  agent.send(JSON.stringify({ id: 3, leave: { conversation: 'bad id' } }));
  const guest = await open('liveChatUser', `/ws/live-chat?sessionId=${id}`);
  const admin = await open('liveChatAdmin', `/ws/live-chat?admin=true&token=${jane}`);
  await heard('liveChatAdmin', 'LiveChatConnected');
  admin.send(JSON.stringify({ type: 'subscribe_session', sessionId: id }));
  const customer = await open('widgetCustomer', `/ws/${id}`);
  const worker = await open('widgetAgent', `/ws/agent/${world.jane}?token=${jane}`);
  await heard('widgetAgent', 'WidgetWaitingSessionsFrame');
  const support = await last.connect(door.port, 'support', jane);
  await support.emitWithAck('join_session', { sessionId: id });
  const second = await last.connect(door.port, 'support', jane);
  await second.emitWithAck('join_session', { sessionId: id });
  second.emit('send_message', { sessionId: id });
  await newSession();

  worker.send(JSON.stringify({ type: 'accept_chat', sessionId: id, agentId: world.jane }));
  await heard('widgetAgent', 'WidgetChatAcceptedFrame');
  await world.tell(session, session.guest, {
    type: 'PostMessage',
    data: { text: 'Hello?', attachments: [] },
  });
  worker.send(JSON.stringify({ type: 'send_message', sessionId: id, agentId: world.jane, text: 'Hi!' }));
  const typing = { type: 'typing', isTyping: true };
  guest.send(JSON.stringify(typing));
  admin.send(JSON.stringify({ ...typing, sessionId: id }));
  second.emit('typing_start', { sessionId: id });
  sayAiText(door.storage.signals, world.workspace, id, { answers: 2, text: 'We are', done: false });
  await heard('widgetCustomer', 'WidgetMessageFrame');
  guest.send(JSON.stringify({ type: 'read_receipt', messageId: await newestMessage(session) }));
  await world.tell(session, world.as(world.jane), { type: 'MarkRead', data: { upTo: 3 } });
  second.emit('leave_session', { sessionId: id });
  await heard('liveChatUser', 'LiveChatReadByAgent');
  await world.tell(session, world.as(world.jane), {
    type: 'CloseConversation',
    data: { reason: 'Resolved' },
  });
  await heard('support', 'SupportSessionEnded');
  await world.tell(session, world.adminPrincipal, { type: 'EraseConversation', data: { reason: 'a test' } });
  const late = await open('native', `/ws/v1?token=${jane}`);
  late.send(JSON.stringify({ id: 1, resume: { conversation: id, after: 2 } }));
  await heard('native', 'NativeSnapshot');
  for (const socket of [customer, visitor]) socket.close();

  expect([...recorder.unknown, ...last.unknown]).toEqual([]);
  const wanted = ['native', 'liveChatUser', 'liveChatAdmin', 'widgetCustomer', 'widgetAgent', 'support'];
  for (const name of wanted) {
    const all = socketOf(name).fromServer.map(nameOf);
    const missing = () =>
      all.filter((frame) => ![recorder, last].some(({ seen }) => seen.get(name)?.has(frame)));
    await until(`${name} hears ${missing()}`, () => missing().every((frame) => LATER.has(frame)));
  }
  expect(recorder.frames + last.frames).toBeGreaterThan(100);
}, 120_000);
