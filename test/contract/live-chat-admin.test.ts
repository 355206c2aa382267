// The live-chat document (seed 003), its admin endpoints request by request: an agent's client written from it works unchanged.
import { describe, expect, test } from 'vitest';
import { ask, caughtUp } from '../edge/http/door.ts';
import { admin, asGuest, asJane, ISO, office, startSession } from './live-chat-office.ts';

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
      const answer = await ask(office.door.url, method, `${admin}${path}`);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.body).toEqual({ success: false, message: 'No token, authorization denied' });
      const forged = await ask(office.door.url, method, `${admin}${path}`, { token: 'not.a.token' });
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
    await asJane('PATCH', `/sessions/${active.sessionId}/assign`, { agentId: office.jane.id });
    await asJane('PATCH', `/sessions/${active.sessionId}/status`, {
      priority: 'high',
      department: 'billing',
    });
    await asGuest('PATCH', `/sessions/${closed.sessionId}/end`);
    await caughtUp(office.servers);

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
    expect(await found(`assignedAgent=${office.jane.id}`)).toEqual([active.sessionId]);
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
          assignedAgent: {
            _id: String(office.jane.id),
            firstName: 'Jane',
            lastName: 'Smith',
            email: office.jane.email,
          },
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
        agentId: String(office.jane.id),
        createdAt: expect.stringMatching(ISO),
      },
    });
    const form = new FormData();
    form.append('content', "Here's the document you requested");
    form.append('files', new Blob(['plain words']), 'document.txt');
    const withFile = await ask(office.door.url, 'POST', `${admin}/sessions/${sessionId}/reply`, {
      token: office.jane.token,
      form,
    });
    expect(withFile.body.data).toMatchObject({ type: 'agent', attachments: [{ name: 'document.txt' }] });
  });

  test('a session is assigned to an agent who exists', async () => {
    const { sessionId } = await startSession();
    const assigned = await asJane('PATCH', `/sessions/${sessionId}/assign`, {
      agentId: String(office.jane.id),
      agentName: 'Jane Smith',
    });
    expect(assigned.body).toEqual({
      success: true,
      message: 'Session assigned successfully',
      data: { sessionId, assignedAgent: String(office.jane.id), agentName: 'Jane Smith', status: 'active' },
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
    expect((await to(sessionId, 'active')).assignedAgent._id).toBe(String(office.jane.id));
    expect((await to(sessionId, 'pending')).assignedAgent).toBeUndefined();
    await to(sessionId, 'closed');
    expect((await to(sessionId, 'active')).assignedAgent._id).toBe(String(office.jane.id));
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
      data: { content, addedBy: String(office.jane.id), addedAt: expect.stringMatching(ISO) },
    });
    expect((await asJane('POST', `/sessions/${sessionId}/notes`, {})).status).toBe(400);
  });

  test('a session is transferred to another agent', async () => {
    const { sessionId } = await startSession();
    await asJane('PATCH', `/sessions/${sessionId}/assign`, { agentId: office.jane.id });
    const moved = await asJane('POST', `/sessions/${sessionId}/transfer`, {
      toAgentId: String(office.bob.id),
      toAgentName: 'Bob Wilson',
      reason: 'Billing expertise needed',
    });
    expect(moved.body).toEqual({
      success: true,
      message: 'Session transferred successfully',
      data: { sessionId, assignedAgent: String(office.bob.id), agentName: 'Bob Wilson' },
    });
  });

  test('analytics tell what happened in a period', async () => {
    const { sessionId } = await startSession();
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi' });
    await asGuest('PATCH', `/sessions/${sessionId}/end`, { rating: 4 });
    await caughtUp(office.servers);
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
          { _id: String(office.jane.id), sessionsHandled: number, avgRating: number },
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
    await caughtUp(office.servers);
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
    const byAdmin = await ask(office.door.url, 'DELETE', `${admin}/sessions/${sessionId}`, {
      token: office.boss.token,
    });
    expect(byAdmin.body).toEqual({
      success: true,
      message: 'Session and all messages deleted successfully',
    });
    expect((await asGuest('GET', `/sessions/${sessionId}`)).status).toBe(404);
    expect((await asGuest('GET', `/sessions/${sessionId}/messages`)).status).toBe(404);
    expect((await asJane('GET', `/sessions/${sessionId}`)).status).toBe(404);
    await caughtUp(office.servers);
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
