// The live-chat document's admin endpoints (seed 003), in its order; registered by 003-live-chat.test.ts.
import { expect, test } from 'vitest';
import { ask, caughtUp } from '../../edge/http/door.ts';
import {
  admin,
  asGuest,
  asJane,
  bob,
  formOf,
  ISO,
  jane,
  john,
  NUMBER,
  office,
  STRING,
  sample,
  sendForm,
  startSession,
} from './office.ts';

export function adminEndpoints(): void {
  test('require a bearer token of an admin, a super admin or a support agent', async () => {
    const { sessionId } = await startSession();
    const routes = [
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
    ] as const;
    for (const [method, path] of routes) {
      const answer = await ask(office.door.url, method, `${admin}${path}`);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.body).toEqual({ success: false, message: 'No token, authorization denied' });
      const forged = await ask(office.door.url, method, `${admin}${path}`, { token: 'not.a.token' });
      expect([forged.status, forged.body]).toEqual([401, { success: false, message: 'Token is not valid' }]);
    }
    for (const { token } of [office.boss, office.jane])
      expect((await ask(office.door.url, 'GET', `${admin}/sessions`, { token })).status).toBe(200);
  });

  test('list all sessions: every filter, counts by status, pages of 20', async () => {
    const tag = `Zoe${Date.now()}`;
    const zoe = { name: tag, email: `${tag.toLowerCase()}@example.com` };
    const [waiting, active, closed] = [
      await startSession(zoe),
      await startSession(zoe),
      await startSession(zoe),
    ];
    await asGuest('POST', `/sessions/${waiting.sessionId}/messages`, { content: 'Hello, I need help' });
    await asJane('PATCH', `/sessions/${active.sessionId}/assign`, { agentId: jane() });
    const change = { priority: 'high', department: 'billing' };
    await asJane('PATCH', `/sessions/${active.sessionId}/status`, change);
    await asGuest('PATCH', `/sessions/${closed.sessionId}/end`);
    await caughtUp(office.servers);

    const { body } = await asJane('GET', `/sessions?search=${tag}`);
    const statusCounts = { pending: 1, active: 1, closed: 1, archived: 0 };
    expect(body).toMatchObject({ success: true, count: 3, total: 3, page: 1, pages: 1, statusCounts });
    const pending = await asJane('GET', `/sessions?search=${tag}&status=pending`);
    expect(pending.body).toMatchObject({
      total: 1,
      statusCounts,
      data: [
        {
          sessionId: waiting.sessionId,
          user: zoe,
          status: 'pending',
          priority: 'medium',
          lastMessage: { content: 'Hello, I need help', type: 'user', timestamp: ISO },
          messageCount: 2,
          unreadCount: 1,
          createdAt: ISO,
        },
      ],
    });
    const found = async (query: string) =>
      (await asJane('GET', `/sessions?search=${tag}&${query}`)).body.data.map(
        (one: { sessionId: string }) => one.sessionId,
      );
    const others = [closed.sessionId, waiting.sessionId];
    expect(await found(`assignedAgent=${jane()}`)).toEqual([active.sessionId]);
    expect(await found('assignedAgent=unassigned')).toEqual(others);
    for (const priority of ['low', 'medium', 'high', 'urgent'])
      expect(await found(`priority=${priority}`)).toEqual(
        { high: [active.sessionId], medium: others }[priority] ?? [],
      );
    for (const department of ['general', 'sales', 'support', 'billing', 'technical'])
      expect(await found(`department=${department}`)).toEqual(
        { billing: [active.sessionId], general: others }[department] ?? [],
      );
    expect(await found('status=active')).toEqual([active.sessionId]);
    expect(await found('status=closed')).toEqual([closed.sessionId]);
    expect(await found('status=archived')).toEqual([]);
    for (const search of [closed.sessionId, zoe.email, tag.toUpperCase()]) {
      const listed = await asJane('GET', `/sessions?search=${encodeURIComponent(search)}`);
      expect(listed.body.data[0].sessionId).toBe(closed.sessionId);
    }
    const paged = await asJane('GET', `/sessions?search=${tag}&limit=2&page=2`);
    expect(paged.body).toMatchObject({ count: 1, total: 3, page: 2, pages: 2 });
    const wrong = await asJane('GET', '/sessions?status=nonsense');
    const message = 'status must be one of pending, active, closed or archived';
    expect([wrong.status, wrong.body]).toEqual([400, { success: false, message }]);
    // A list shows its caller's own last write.
    for (const priority of ['low', 'urgent']) {
      await asJane('PATCH', `/sessions/${waiting.sessionId}/status`, { priority });
      const listed = await asJane('GET', `/sessions?search=${waiting.sessionId}`);
      expect(listed.headers.get('x-projection-lag')).toBeNull();
      expect(listed.body.data[0].priority).toBe(priority);
    }
  });

  test('get session details: notes, rating, metadata and all messages', async () => {
    const { sessionId } = await startSession();
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'I need help' });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Here I am' });
    await asJane('POST', `/sessions/${sessionId}/notes`, { content: 'Customer has premium subscription' });
    await asJane('PATCH', `/sessions/${sessionId}/status`, { tags: ['vip'] });
    await asGuest('PATCH', `/sessions/${sessionId}/end`, { rating: 5, feedback: 'Great help!' });
    const { body } = await asJane('GET', `/sessions/${sessionId}`);
    const metadata = {
      userAgent: 'Mozilla/5.0...',
      ipAddress: '127.0.0.1',
      pageUrl: STRING,
      referrer: STRING,
    };
    const addedBy = { firstName: 'Jane', lastName: 'Smith' };
    const system = { _id: STRING, sessionId, type: 'system', agentName: 'System', createdAt: ISO };
    expect(body).toMatchObject({
      success: true,
      data: {
        session: {
          sessionId,
          user: { ...john, metadata },
          status: 'closed',
          priority: 'medium',
          department: 'general',
          assignedAgent: { _id: jane(), firstName: 'Jane', lastName: 'Smith', email: office.jane.email },
          notes: [{ content: 'Customer has premium subscription', addedBy, addedAt: ISO }],
          rating: { score: 5, feedback: 'Great help!', ratedAt: ISO },
          // The rest of the data model.
          agentName: 'Jane Smith',
          tags: ['vip'],
          lastMessage: { content: 'Here I am', type: 'agent', timestamp: ISO },
          messageCount: 3,
          unreadCount: NUMBER,
          startedAt: ISO,
          endedAt: ISO,
          firstResponseAt: ISO,
          createdAt: ISO,
          updatedAt: ISO,
        },
        messages: [
          system,
          { _id: STRING, type: 'user', content: 'I need help', createdAt: ISO },
          {
            type: 'agent',
            agentName: 'Jane Smith',
            agentId: jane(),
            attachments: [],
            metadata: { isEdited: false, isDeleted: false },
            isRead: false,
            createdAt: ISO,
            updatedAt: ISO,
          },
        ],
      },
    });
  });

  test('send agent reply, in JSON and as a form', async () => {
    const { sessionId } = await startSession();
    const content = "Hello! I'd be happy to help you with that.";
    const reply = await asJane('POST', `/sessions/${sessionId}/reply`, { content });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      success: true,
      message: 'Reply sent successfully',
      data: {
        _id: STRING,
        sessionId,
        type: 'agent',
        content,
        agentName: 'Jane Smith',
        agentId: jane(),
        createdAt: ISO,
      },
    });
    const form = formOf(
      { 'document.pdf': await sample('pdf') },
      { content: "Here's the document you requested" },
    );
    const withFile = await sendForm(`${admin}/sessions/${sessionId}/reply`, form, office.jane.token);
    expect(withFile.body.data).toMatchObject({ type: 'agent', attachments: [{ name: 'document.pdf' }] });
  });

  test('assign session to agent', async () => {
    const { sessionId } = await startSession();
    const assign = (json: unknown) => asJane('PATCH', `/sessions/${sessionId}/assign`, json);
    expect((await assign({ agentId: jane(), agentName: 'Jane Smith' })).body).toEqual({
      success: true,
      message: 'Session assigned successfully',
      data: { sessionId, assignedAgent: jane(), agentName: 'Jane Smith', status: 'active' },
    });
    expect((await assign({ agentId: '999999999' })).status).toBe(404);
    expect((await assign({})).body).toEqual({ success: false, message: 'Agent ID is required' });
  });

  test('update session status, priority, department and tags: each value, in one request or several', async () => {
    const { sessionId } = await startSession();
    const update = (json: unknown) => asJane('PATCH', `/sessions/${sessionId}/status`, json);
    const change = { status: 'closed', priority: 'high', department: 'billing', tags: ['refund', 'urgent'] };
    const message = 'Session updated successfully';
    expect((await update(change)).body).toEqual({ success: true, message, data: { sessionId, ...change } });
    for (const priority of ['low', 'medium', 'high', 'urgent'])
      expect((await update({ priority })).body.data.priority).toBe(priority);
    for (const department of ['general', 'sales', 'support', 'billing', 'technical'])
      expect((await update({ department })).body.data.department).toBe(department);
    for (const status of ['active', 'pending', 'closed', 'active', 'closed', 'pending', 'archived']) {
      expect((await update({ status })).body.data).toMatchObject({ sessionId, status });
      const { session } = (await asJane('GET', `/sessions/${sessionId}`)).body.data;
      if (status === 'active') expect(session.assignedAgent._id).toBe(jane());
      if (status === 'pending') expect(session.assignedAgent).toBeUndefined();
    }
    expect((await update({ status: 'active' })).status).toBe(409);
    for (const wrong of [{}, { department: 'nonsense' }, { status: 'nonsense' }, { tags: 'refund' }])
      expect((await update(wrong)).status).toBe(400);
  });

  test('add internal note', async () => {
    const { sessionId } = await startSession();
    const content = 'Customer mentioned they have a premium subscription';
    const added = await asJane('POST', `/sessions/${sessionId}/notes`, { content });
    const data = { content, addedBy: jane(), addedAt: ISO };
    expect(added.body).toEqual({ success: true, message: 'Note added successfully', data });
    const missing = await asJane('POST', `/sessions/${sessionId}/notes`, {});
    expect([missing.status, missing.body.message]).toEqual([400, 'Note content is required']);
    expect(JSON.stringify((await asGuest('GET', `/sessions/${sessionId}/messages`)).body)).not.toContain(
      'premium',
    );
  });

  test('transfer session', async () => {
    const { sessionId } = await startSession();
    await asJane('PATCH', `/sessions/${sessionId}/assign`, { agentId: jane() });
    const transfer = (json: unknown) => asJane('POST', `/sessions/${sessionId}/transfer`, json);
    const to = { toAgentId: bob(), toAgentName: 'Bob Wilson', reason: 'Billing expertise needed' };
    const message = 'Session transferred successfully';
    const data = { sessionId, assignedAgent: bob(), agentName: 'Bob Wilson' };
    expect((await transfer(to)).body).toEqual({ success: true, message, data });
    expect((await transfer({})).body).toEqual({ success: false, message: 'Target agent ID is required' });
  });

  test('get chat analytics', async () => {
    const { sessionId } = await startSession();
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'Hello?' });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi' });
    await asGuest('PATCH', `/sessions/${sessionId}/end`, { rating: 4 });
    await caughtUp(office.servers);
    const start = new Date(Date.now() - 3_600_000).toISOString();
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await asJane('GET', `/analytics?startDate=${start}&endDate=${end}`);
    const day = { _id: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), count: NUMBER };
    const agent = { _id: jane(), sessionsHandled: NUMBER, avgRating: NUMBER };
    expect(body).toEqual({
      success: true,
      data: {
        period: { start, end },
        overview: { totalSessions: NUMBER, avgMessages: NUMBER, closedSessions: NUMBER, avgRating: NUMBER },
        responseTime: { avgResponseTime: NUMBER, minResponseTime: NUMBER, maxResponseTime: NUMBER },
        sessionsByDay: expect.arrayContaining([day]),
        topAgents: expect.arrayContaining([agent]),
      },
    });
    expect(body.data.overview.totalSessions).toBeGreaterThan(0);
    // Where there is nothing to average the document still has numbers; a score is never 0.
    const before = await asJane('GET', '/analytics?startDate=2001-01-01&endDate=2001-02-01');
    const nothing = { totalSessions: 0, avgMessages: 0, closedSessions: 0, avgRating: 0 };
    expect(before.body.data.overview).toEqual(nothing);
    expect((await asJane('GET', '/analytics?startDate=yesterday')).body).toEqual({
      success: false,
      message: 'startDate must be a date in ISO format',
    });
    const turned = await asJane('GET', '/analytics?startDate=2024-02-01&endDate=2024-01-01');
    expect(turned.body.message).toBe('startDate must not be after endDate');
  });

  test('get customer history', async () => {
    const email = `history${Date.now()}@example.com`;
    const one = await startSession({ name: 'Hana', email });
    await startSession({ name: 'Hana', email });
    await asGuest('PATCH', `/sessions/${one.sessionId}/end`, { rating: 5 });
    await caughtUp(office.servers);
    const path = `/customers/${encodeURIComponent(email)}/history`;
    const { body } = await asJane('GET', path);
    expect(body).toMatchObject({ success: true, count: 2, total: 2, page: 1, pages: 1 });
    const rows = body.data.filter((row: { sessionId: string }) => row.sessionId === one.sessionId);
    const times = { createdAt: ISO, endedAt: ISO };
    expect(rows).toMatchObject([{ status: 'closed', messageCount: 1, rating: { score: 5 }, ...times }]);
    expect((await asJane('GET', `${path}?page=2&limit=1`)).body).toMatchObject({
      count: 1,
      page: 2,
      pages: 2,
    });
  });

  test('delete session: only by an admin, and then it is gone everywhere', async () => {
    const { sessionId } = await startSession();
    const byAgent = await asJane('DELETE', `/sessions/${sessionId}`);
    const message = 'Insufficient permissions';
    expect([byAgent.status, byAgent.body]).toEqual([403, { success: false, message }]);
    const path = `${admin}/sessions/${sessionId}`;
    const { body } = await ask(office.door.url, 'DELETE', path, { token: office.boss.token });
    expect(body).toEqual({ success: true, message: 'Session and all messages deleted successfully' });
    for (const left of [
      asGuest('GET', `/sessions/${sessionId}`),
      asGuest('GET', `/sessions/${sessionId}/messages`),
      asJane('GET', `/sessions/${sessionId}`),
    ])
      expect((await left).status).toBe(404);
    await caughtUp(office.servers);
    expect((await asJane('GET', `/sessions?search=${sessionId}`)).body.total).toBe(0);
  });
}
