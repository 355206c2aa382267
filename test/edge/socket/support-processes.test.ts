// Socket.IO over two real edge processes that share the port, and one of them killed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../parts/stack.ts';
import { ask } from '../http/door.ts';
import { SupportClient } from './support-client.ts';

let stack: Stack;
const clients: SupportClient[] = [];

beforeAll(async () => {
  stack = await startStack({ EDGES: '2' });
}, 120_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await stack?.stop();
});

test('30 stock clients get in over two processes, and all are back a moment after one was killed', async () => {
  const started = await ask(stack.url, 'POST', '/api/live-chat/sessions', {
    json: { user: { name: 'Vera', email: 'vera@example.com' } },
  });
  const { sessionId } = started.body.data.session;
  const { body } = await ask(stack.url, 'POST', '/api/auth/token', { json: { userId: 'user123' } });
  const open = async (index: number) => {
    const transports = [{}, { transports: ['polling'] }, { transports: ['websocket'] }][index % 3];
    const client = await SupportClient.connect(stack.port, body.token, transports);
    clients.push(client);
    return client.join(sessionId);
  };
  await Promise.all(Array.from({ length: 30 }, (_, index) => open(index)));
  expect(clients.flatMap(({ refusals, ends }) => [...refusals, ...ends])).toEqual([]);
  const edgeOf = (client: SupportClient) => String(client.socket.io.engine.id).split('.')[0];
  expect(new Set(clients.map(edgeOf)).size).toBe(2);
  const said: string[] = [];
  for (const [turn, client] of clients.entries()) {
    const message = `message ${turn}`;
    expect(await client.ask('send_message', { sessionId, message })).toMatchObject({ success: true });
    said.push(message);
  }
  for (const client of clients) {
    await client.when(() => client.texts.length >= said.length);
    expect(client.texts).toEqual(said);
  }

  const [victim] = await stack.pids('edge');
  if (victim === undefined) throw new Error('no edge is running');
  process.kill(victim, 'SIGKILL');
  const back = async (client: SupportClient) => {
    for (let tries = 0; ; tries++) {
      await client.when(() => client.socket.connected, 15_000);
      // Who was at the killed one may not have noticed yet.
      const answer = await client.ask('join_session', { sessionId }).catch(() => undefined);
      if (answer?.success) return;
      if (tries > 5) throw new Error('not back after several tries');
    }
  };
  await Promise.all(clients.map(back));
  const [first] = clients;
  expect(await first?.ask('send_message', { sessionId, message: 'still here' })).toMatchObject({
    success: true,
  });
  for (const client of clients) await client.when(() => client.texts.at(-1) === 'still here');
}, 90_000);
