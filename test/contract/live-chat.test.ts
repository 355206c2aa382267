// The live-chat document (seed 003), request by request over real HTTP: a client written from it works unchanged.
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addAgent,
  ask,
  caughtUp,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../edge/http/door.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const guests = '/api/live-chat';
const admin = '/api/admin/live-chat';

let servers: Servers;
let door: Door;
let boss: { token: string; id: number };
let jane: { token: string; id: number; email: string };
let bob: { token: string; id: number };
let made = 0;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  boss = await register(door.url, 'owner');
  jane = await addAgent(door.url, boss.token, 'Jane Smith');
  bob = await addAgent(door.url, boss.token, 'Bob Wilson');
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

/** A session under an id as the document's own client makes them. */
async function startSession(user: object = { name: 'John Doe', email: 'john@example.com' }) {
  const sessionId = `session-1701691234567-abc${++made}`;
  const answer = await ask(door.url, 'POST', `${guests}/sessions`, {
    json: { sessionId, user, pageUrl: 'https://example.com/pricing' },
    headers: { 'user-agent': 'Mozilla/5.0 (test)' },
  });
  expect(answer.status).toBe(201);
  return { sessionId, answer };
}

const asJane = (method: string, path: string, json?: unknown) =>
  ask(door.url, method, `${admin}${path}`, { token: jane.token, json });
const asGuest = (method: string, path: string, json?: unknown) =>
  ask(door.url, method, `${guests}${path}`, { json });

async function png(): Promise<Blob> {
  const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#2244aa' } });
  return new Blob([new Uint8Array(await image.png().toBuffer())], { type: 'image/png' });
}

describe('public endpoints', () => {
  test('a created session comes back as documented, with a welcome and a visitor token', async () => {
    const { sessionId, answer } = await startSession({
      name: 'John Doe',
      email: 'john@example.com',
      phone: '+1234567890',
    });
    expect(answer.body).toMatchObject({
      success: true,
      message: 'Chat session created successfully',
      data: {
        session: {
          sessionId,
          user: {
            name: 'John Doe',
            email: 'john@example.com',
            phone: '+1234567890',
            metadata: {
              userAgent: 'Mozilla/5.0 (test)',
              ipAddress: '127.0.0.1',
              pageUrl: 'https://example.com/pricing',
            },
          },
          status: 'pending',
          priority: 'medium',
          department: 'general',
          messageCount: 1,
          unreadCount: 0,
          startedAt: expect.stringMatching(ISO),
        },
        welcomeMessage: {
          sessionId,
          type: 'system',
          content: 'Welcome John Doe! A support agent will be with you shortly.',
          agentName: 'System',
        },
        visitorToken: expect.any(String),
      },
    });
    expect(Number(answer.headers.get('x-event-sequence'))).toBeGreaterThan(0);
  });

  test('a session without a name or an e-mail address is refused in the document’s words', async () => {
    for (const json of [{}, { user: {} }, { user: { name: 'John' } }, { user: { email: 'a@b.example' } }]) {
      const answer = await asGuest('POST', '/sessions', json);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ success: false, message: 'User name and email are required' });
    }
  });

  test('a session without an id is given one that nobody can guess', async () => {
    const user = { name: 'Ann', email: 'ann@example.com' };
    const [one, two] = await Promise.all([
      asGuest('POST', '/sessions', { user }),
      asGuest('POST', '/sessions', { user }),
    ]);
    expect(one.body.data.session.sessionId).toMatch(/^[A-Za-z0-9_-]{26,64}$/);
    expect(one.body.data.session.sessionId).not.toBe(two.body.data.session.sessionId);
  });

  test('an id that is taken is refused without showing what is behind it', async () => {
    const { sessionId } = await startSession();
    const answer = await asGuest('POST', '/sessions', {
      sessionId,
      user: { name: 'Eve', email: 'eve@example.com' },
    });
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({ success: false, message: expect.any(String) });
    expect(JSON.stringify(answer.body)).not.toContain('john');
  });

  test('a session’s details name its agent, and nothing that is the business’s own', async () => {
    const { sessionId } = await startSession();
    await asJane('PATCH', `/sessions/${sessionId}/assign`, {
      agentId: String(jane.id),
      agentName: 'Jane Smith',
    });
    await asJane('POST', `/sessions/${sessionId}/notes`, { content: 'a secret note' });
    await asJane('PATCH', `/sessions/${sessionId}/status`, { priority: 'urgent', tags: ['secret-tag'] });
    const { status, body } = await asGuest('GET', `/sessions/${sessionId}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      sessionId,
      user: { name: 'John Doe', email: 'john@example.com' },
      status: 'active',
      assignedAgent: { _id: String(jane.id), firstName: 'Jane', lastName: 'Smith' },
      messageCount: 1,
      startedAt: expect.stringMatching(ISO),
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|urgent|127\.0\.0\.1|jane\.smith@/);
  });

  test('a session that nobody started is not found', async () => {
    const answer = await asGuest('GET', '/sessions/session-nobody');
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ success: false, message: 'Session not found' });
  });

  test('a message is stored and shown as documented', async () => {
    const { sessionId } = await startSession();
    const sent = await asGuest('POST', `/sessions/${sessionId}/messages`, {
      content: 'Hello, I need help with my order',
    });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      success: true,
      message: 'Message sent successfully',
      data: {
        _id: expect.stringMatching(/^\d+$/),
        sessionId,
        type: 'user',
        content: 'Hello, I need help with my order',
        attachments: [],
        isRead: false,
        createdAt: expect.stringMatching(ISO),
      },
    });
    expect(sent.headers.get('x-event-sequence')).toBe(sent.body.data._id);
  });

  test('messages come in pages, oldest first, with what the agent wrote', async () => {
    const { sessionId } = await startSession();
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'Hello, I need help' });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi! How can I assist you today?' });
    const all = await asGuest('GET', `/sessions/${sessionId}/messages`);
    expect(all.body).toMatchObject({ success: true, count: 3, total: 3, page: 1, pages: 1 });
    expect(all.body.data).toMatchObject([
      { type: 'system', sessionId },
      { type: 'user', content: 'Hello, I need help' },
      { type: 'agent', content: 'Hi! How can I assist you today?', agentName: 'Jane Smith' },
    ]);
    const second = await asGuest('GET', `/sessions/${sessionId}/messages?page=2&limit=2`);
    expect(second.body).toMatchObject({ count: 1, total: 3, page: 2, pages: 2 });
    expect(second.body.data[0]._id).toBe(all.body.data[2]._id);
  });

  test('a message with files carries them, and its links open what was sent', async () => {
    const { sessionId } = await startSession();
    const form = new FormData();
    form.append('content', 'Please see the attached screenshot');
    form.append('files', await png(), 'screenshot.png');
    form.append(
      'files',
      new Blob(['%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n'], { type: 'application/pdf' }),
      'file2.pdf',
    );
    const sent = await ask(door.url, 'POST', `${guests}/sessions/${sessionId}/messages`, { form });
    expect(sent.status).toBe(201);
    expect(sent.body.data.content).toBe('Please see the attached screenshot');
    expect(sent.body.data.attachments).toMatchObject([
      { name: 'screenshot.png', type: 'image/png', url: expect.any(String), previewUrl: expect.any(String) },
      { name: 'file2.pdf', type: 'application/pdf' },
    ]);
    const [image] = sent.body.data.attachments;
    const opened = await fetch(image.url.replace('localhost', '127.0.0.1'));
    expect(opened.status).toBe(200);
    expect(opened.headers.get('content-type')).toBe('image/png');
    expect((await opened.arrayBuffer()).byteLength).toBe(image.size);
    const preview = await fetch(image.previewUrl.replace('localhost', '127.0.0.1'));
    expect((await sharp(await preview.arrayBuffer()).metadata()).width).toBe(480);
  });

  test('uploaded files join a message by their ids', async () => {
    const { sessionId } = await startSession();
    const form = new FormData();
    form.append('files', await png(), 'screenshot.png');
    form.append('files', new Blob(['just text']), 'notes.txt');
    form.append('sessionId', sessionId);
    const uploaded = await ask(door.url, 'POST', `${guests}/upload`, { form });
    expect(uploaded.status).toBe(201);
    expect(uploaded.body).toMatchObject({
      success: true,
      message: 'Files uploaded successfully',
      data: {
        attachments: [
          { id: expect.any(String), name: 'screenshot.png', type: 'image/png', size: expect.any(Number) },
          { name: 'notes.txt', type: 'text/plain', size: 9 },
        ],
      },
    });
    const ids = uploaded.body.data.attachments.map((file: { id: string }) => file.id);
    const sent = await asGuest('POST', `/sessions/${sessionId}/messages`, { content: '', attachments: ids });
    expect(sent.status).toBe(201);
    expect(sent.body.data.attachments.map((file: { id: string }) => file.id)).toEqual(ids);
  });

  test('a session ends with a rating, and once it has ended its rating may be given anew', async () => {
    const { sessionId } = await startSession();
    const early = await asGuest('POST', `/sessions/${sessionId}/rate`, { score: 5 });
    expect(early.status).toBe(409);
    const ended = await asGuest('PATCH', `/sessions/${sessionId}/end`, {
      rating: 5,
      feedback: 'Great support, very helpful!',
    });
    expect(ended.status).toBe(200);
    expect(ended.body).toEqual({
      success: true,
      message: 'Chat session ended',
      data: { sessionId, status: 'closed', endedAt: expect.stringMatching(ISO) },
    });
    const rated = await asGuest('POST', `/sessions/${sessionId}/rate`, {
      score: 4,
      feedback: 'Excellent service!',
    });
    expect(rated.body).toEqual({
      success: true,
      message: 'Thank you for your feedback!',
      data: { rating: { score: 4, feedback: 'Excellent service!', ratedAt: expect.stringMatching(ISO) } },
    });
  });

  test('ending needs no body, with or without a JSON content type, and twice is as once', async () => {
    const { sessionId } = await startSession();
    const first = await ask(door.url, 'PATCH', `${guests}/sessions/${sessionId}/end`);
    const again = await ask(door.url, 'PATCH', `${guests}/sessions/${sessionId}/end`, {
      headers: { 'content-type': 'application/json' },
    });
    expect(first.status).toBe(200);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
  });

  test('typing is passed on and acknowledged', async () => {
    const { sessionId } = await startSession();
    const answer = await asGuest('POST', `/sessions/${sessionId}/typing`, { isTyping: true });
    expect(answer.body).toEqual({ success: true, message: 'Typing indicator sent' });
  });
});

describe('admin endpoints', () => {
  test('nobody without a token gets in, in the document’s words', async () => {
    const { sessionId } = await startSession();
    const routes: [string, string][] = [
      ['GET', '/sessions'],
      ['GET', `/sessions/${sessionId}`],
      ['POST', `/sessions/${sessionId}/reply`],
      ['PATCH', `/sessions/${sessionId}/assign`],
      ['PATCH', `/sessions/${sessionId}/status`],
      ['POST', `/sessions/${sessionId}/notes`],
      ['POST', `/sessions/${sessionId}/transfer`],
      ['GET', '/analytics'],
      ['GET', '/customers/john%40example.com/history'],
      ['DELETE', `/sessions/${sessionId}`],
    ];
    for (const [method, path] of routes) {
      const answer = await ask(door.url, method, `${admin}${path}`);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.body).toEqual({ success: false, message: 'No token, authorization denied' });
      const forged = await ask(door.url, method, `${admin}${path}`, { token: 'not.a.token' });
      expect(forged.status).toBe(401);
    }
  });

  test('the list filters, counts by status, and finds by name, e-mail address and id', async () => {
    const tag = `Zoe${Date.now()}`;
    const zoe = { name: tag, email: `${tag.toLowerCase()}@example.com` };
    const waiting = await startSession(zoe);
    const active = await startSession(zoe);
    const closed = await startSession(zoe);
    await asGuest('POST', `/sessions/${waiting.sessionId}/messages`, { content: 'Hello, I need help' });
    await asJane('PATCH', `/sessions/${active.sessionId}/assign`, { agentId: jane.id });
    await asJane('PATCH', `/sessions/${active.sessionId}/status`, {
      priority: 'high',
      department: 'billing',
    });
    await asGuest('PATCH', `/sessions/${closed.sessionId}/end`);
    await caughtUp(servers);

    const all = await asJane('GET', `/sessions?search=${tag}`);
    expect(all.body).toMatchObject({
      success: true,
      count: 3,
      total: 3,
      page: 1,
      pages: 1,
      statusCounts: { pending: 1, active: 1, closed: 1, archived: 0 },
    });
    const pending = await asJane('GET', `/sessions?search=${tag}&status=pending`);
    expect(pending.body).toMatchObject({ total: 1, statusCounts: { pending: 1, active: 1, closed: 1 } });
    expect(pending.body.data).toMatchObject([
      {
        sessionId: waiting.sessionId,
        user: zoe,
        status: 'pending',
        priority: 'medium',
        lastMessage: { content: 'Hello, I need help', type: 'user', timestamp: expect.stringMatching(ISO) },
        messageCount: 2,
        unreadCount: 1,
        createdAt: expect.stringMatching(ISO),
      },
    ]);
    const found = async (query: string) =>
      (await asJane('GET', `/sessions?search=${tag}&${query}`)).body.data.map(
        (one: { sessionId: string }) => one.sessionId,
      );
    expect(await found(`assignedAgent=${jane.id}`)).toEqual([active.sessionId]);
    expect(await found('priority=high')).toEqual([active.sessionId]);
    expect(await found('department=billing')).toEqual([active.sessionId]);
    expect((await found('assignedAgent=unassigned')).sort()).toEqual(
      [waiting.sessionId, closed.sessionId].sort(),
    );
    const byId = await asJane('GET', `/sessions?search=${closed.sessionId}`);
    expect(byId.body.data[0].sessionId).toBe(closed.sessionId);
    const paged = await asJane('GET', `/sessions?search=${tag}&limit=2&page=2`);
    expect(paged.body).toMatchObject({ count: 1, total: 3, page: 2, pages: 2 });
    const wrong = await asJane('GET', '/sessions?status=nonsense');
    expect(wrong.status).toBe(400);
  });

  test('details hold notes, rating, metadata and all messages with who has read them', async () => {
    const { sessionId } = await startSession();
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'I need help' });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Here I am' });
    await asJane('POST', `/sessions/${sessionId}/notes`, { content: 'Customer has premium subscription' });
    await asGuest('PATCH', `/sessions/${sessionId}/end`, { rating: 5, feedback: 'Great help!' });
    const { body } = await asJane('GET', `/sessions/${sessionId}`);
    expect(body).toMatchObject({
      success: true,
      data: {
        session: {
          sessionId,
          user: {
            name: 'John Doe',
            email: 'john@example.com',
            metadata: {
              userAgent: 'Mozilla/5.0 (test)',
              ipAddress: '127.0.0.1',
              pageUrl: 'https://example.com/pricing',
            },
          },
          status: 'closed',
          priority: 'medium',
          department: 'general',
          assignedAgent: { _id: String(jane.id), firstName: 'Jane', lastName: 'Smith', email: jane.email },
          notes: [
            {
              content: 'Customer has premium subscription',
              addedBy: { firstName: 'Jane', lastName: 'Smith' },
              addedAt: expect.stringMatching(ISO),
            },
          ],
          rating: { score: 5, feedback: 'Great help!', ratedAt: expect.stringMatching(ISO) },
        },
        messages: [{ type: 'system' }, { type: 'user', content: 'I need help' }, { type: 'agent' }],
      },
    });
  });

  test('a reply names its agent, and takes files', async () => {
    const { sessionId } = await startSession();
    const reply = await asJane('POST', `/sessions/${sessionId}/reply`, {
      content: "Hello! I'd be happy to help you with that.",
    });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      success: true,
      message: 'Reply sent successfully',
      data: {
        _id: expect.any(String),
        sessionId,
        type: 'agent',
        content: "Hello! I'd be happy to help you with that.",
        agentName: 'Jane Smith',
        agentId: String(jane.id),
        createdAt: expect.stringMatching(ISO),
      },
    });
    const form = new FormData();
    form.append('content', "Here's the document you requested");
    form.append('files', new Blob(['plain words']), 'document.txt');
    const withFile = await ask(door.url, 'POST', `${admin}/sessions/${sessionId}/reply`, {
      token: jane.token,
      form,
    });
    expect(withFile.body.data).toMatchObject({ type: 'agent', attachments: [{ name: 'document.txt' }] });
  });

  test('a session is assigned to an agent who exists', async () => {
    const { sessionId } = await startSession();
    const assigned = await asJane('PATCH', `/sessions/${sessionId}/assign`, {
      agentId: String(jane.id),
      agentName: 'Jane Smith',
    });
    expect(assigned.body).toEqual({
      success: true,
      message: 'Session assigned successfully',
      data: { sessionId, assignedAgent: String(jane.id), agentName: 'Jane Smith', status: 'active' },
    });
    const nobody = await asJane('PATCH', `/sessions/${sessionId}/assign`, { agentId: '999999999' });
    expect(nobody.status).toBe(404);
    const missing = await asJane('PATCH', `/sessions/${sessionId}/assign`, {});
    expect(missing.status).toBe(400);
  });

  test('one update changes status, priority, department and tags', async () => {
    const { sessionId } = await startSession();
    const change = {
      status: 'closed',
      priority: 'high',
      department: 'billing',
      tags: ['refund', 'urgent'],
    };
    const updated = await asJane('PATCH', `/sessions/${sessionId}/status`, change);
    expect(updated.body).toEqual({
      success: true,
      message: 'Session updated successfully',
      data: { sessionId, ...change },
    });
  });

  test('each status can be reached from each other, except that archived is final', async () => {
    const to = async (sessionId: string, status: string) => {
      const { body } = await asJane('PATCH', `/sessions/${sessionId}/status`, { status });
      expect(body.data).toMatchObject({ sessionId, status });
      const { body: now } = await asJane('GET', `/sessions/${sessionId}`);
      return now.data.session;
    };
    const { sessionId } = await startSession();
    expect((await to(sessionId, 'active')).assignedAgent._id).toBe(String(jane.id));
    expect((await to(sessionId, 'pending')).assignedAgent).toBeUndefined();
    await to(sessionId, 'closed');
    expect((await to(sessionId, 'active')).assignedAgent._id).toBe(String(jane.id));
    await to(sessionId, 'closed');
    await to(sessionId, 'pending');
    await to(sessionId, 'archived');
    const back = await asJane('PATCH', `/sessions/${sessionId}/status`, { status: 'active' });
    expect(back.status).toBe(409);
    expect((await asJane('PATCH', `/sessions/${sessionId}/status`, {})).status).toBe(400);
    expect((await asJane('PATCH', `/sessions/${sessionId}/status`, { department: 'nonsense' })).status).toBe(
      400,
    );
  });

  test('a note says who added it and when', async () => {
    const { sessionId } = await startSession();
    const content = 'Customer mentioned they have a premium subscription';
    const added = await asJane('POST', `/sessions/${sessionId}/notes`, { content });
    expect(added.body).toEqual({
      success: true,
      message: 'Note added successfully',
      data: { content, addedBy: String(jane.id), addedAt: expect.stringMatching(ISO) },
    });
    expect((await asJane('POST', `/sessions/${sessionId}/notes`, {})).status).toBe(400);
  });

  test('a session is transferred to another agent', async () => {
    const { sessionId } = await startSession();
    await asJane('PATCH', `/sessions/${sessionId}/assign`, { agentId: jane.id });
    const moved = await asJane('POST', `/sessions/${sessionId}/transfer`, {
      toAgentId: String(bob.id),
      toAgentName: 'Bob Wilson',
      reason: 'Billing expertise needed',
    });
    expect(moved.body).toEqual({
      success: true,
      message: 'Session transferred successfully',
      data: { sessionId, assignedAgent: String(bob.id), agentName: 'Bob Wilson' },
    });
  });

  test('analytics tell what happened in a period', async () => {
    const { sessionId } = await startSession();
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi' });
    await asGuest('PATCH', `/sessions/${sessionId}/end`, { rating: 4 });
    await caughtUp(servers);
    const start = new Date(Date.now() - 3_600_000).toISOString();
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await asJane('GET', `/analytics?startDate=${start}&endDate=${end}`);
    const number = expect.any(Number);
    expect(body).toEqual({
      success: true,
      data: {
        period: { start, end },
        overview: { totalSessions: number, avgMessages: number, closedSessions: number, avgRating: number },
        responseTime: { avgResponseTime: number, minResponseTime: number, maxResponseTime: number },
        sessionsByDay: expect.arrayContaining([
          { _id: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), count: number },
        ]),
        topAgents: expect.arrayContaining([
          { _id: String(jane.id), sessionsHandled: number, avgRating: number },
        ]),
      },
    });
    expect(body.data.overview.totalSessions).toBeGreaterThan(0);
    const before = await asJane('GET', '/analytics?startDate=2001-01-01&endDate=2001-02-01');
    expect(before.body.data.overview).toEqual({
      totalSessions: 0,
      avgMessages: 0,
      closedSessions: 0,
      avgRating: 0,
    });
    expect((await asJane('GET', '/analytics?startDate=yesterday')).status).toBe(400);
  });

  test('a customer’s history is found by e-mail address', async () => {
    const email = `history${Date.now()}@example.com`;
    const one = await startSession({ name: 'Hana', email });
    await startSession({ name: 'Hana', email });
    await asGuest('PATCH', `/sessions/${one.sessionId}/end`, { rating: 5 });
    await caughtUp(servers);
    const { body } = await asJane('GET', `/customers/${encodeURIComponent(email)}/history`);
    expect(body).toMatchObject({ success: true, count: 2, total: 2, page: 1, pages: 1 });
    expect(body.data.find((row: { sessionId: string }) => row.sessionId === one.sessionId)).toMatchObject({
      status: 'closed',
      messageCount: 1,
      rating: { score: 5 },
      createdAt: expect.stringMatching(ISO),
      endedAt: expect.stringMatching(ISO),
    });
  });

  test('only an admin deletes a session, and then it is gone everywhere', async () => {
    const { sessionId } = await startSession();
    const byAgent = await asJane('DELETE', `/sessions/${sessionId}`);
    expect(byAgent.status).toBe(403);
    expect(byAgent.body).toEqual({ success: false, message: 'Insufficient permissions' });
    const byAdmin = await ask(door.url, 'DELETE', `${admin}/sessions/${sessionId}`, { token: boss.token });
    expect(byAdmin.body).toEqual({
      success: true,
      message: 'Session and all messages deleted successfully',
    });
    expect((await asGuest('GET', `/sessions/${sessionId}`)).status).toBe(404);
    expect((await asGuest('GET', `/sessions/${sessionId}/messages`)).status).toBe(404);
    expect((await asJane('GET', `/sessions/${sessionId}`)).status).toBe(404);
    await caughtUp(servers);
    const listed = await asJane('GET', `/sessions?search=${sessionId}`);
    expect(listed.body.total).toBe(0);
  });

  test('an agent’s list shows their own last write', async () => {
    const { sessionId } = await startSession();
    for (const priority of ['low', 'urgent', 'high']) {
      await asJane('PATCH', `/sessions/${sessionId}/status`, { priority });
      const listed = await asJane('GET', `/sessions?search=${sessionId}`);
      expect(listed.headers.get('x-projection-lag')).toBeNull();
      expect(listed.body.data[0].priority).toBe(priority);
    }
  });
});
