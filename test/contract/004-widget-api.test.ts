// The widget API document (seed 004) from its first line to its last: a client written from it works unchanged.
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, caughtUp } from '../edge/http/door.ts';
import {
  aiSays,
  arrives,
  type Business,
  call,
  closes,
  comes,
  does,
  door,
  found,
  hire,
  ISO,
  JWT,
  NEW_BUSINESS,
  NEW_YORKER,
  NUMBER,
  type Person,
  pass,
  STRING,
  says,
  servers,
  takes,
  visitorOf,
  WIDGET,
} from './widget/office.ts';
import { socketsOfTheWidgetDocument } from './widget/sockets.ts';
import { termsOfTheWidgetDocument } from './widget/terms.ts';

const MINUTE = 60_000;

describe('authentication', () => {
  const credentials = { email: 'admin@example.com', password: 'secure_password' };
  let token = '';

  test('POST /auth/register', async () => {
    const { status, body } = await call('POST', '/auth/register', undefined, {
      username: 'admin_user',
      ...credentials,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      success: true,
      message: 'User registered successfully',
      data: { user: { id: NUMBER, username: 'admin_user', email: 'admin@example.com' }, token: JWT },
    });
    token = body.data.token;
  });

  test('tokens last 7 days', () => {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp - claims.iat).toBe(7 * 86_400);
  });

  test('POST /auth/login answers as registering did', async () => {
    const { status, body } = await call('POST', '/auth/login', undefined, credentials);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: STRING,
      data: { user: { id: NUMBER, username: 'admin_user', email: 'admin@example.com' }, token: JWT },
    });
  });

  test('POST /auth/agent-login', async () => {
    const json = { email: 'agent@example.com', password: 'agent_password' };
    const made = await call(
      'POST',
      '/agents',
      { token },
      { ...json, full_name: 'Support Agent', username: 'support_agent' },
    );
    expect(made.status).toBe(201);
    const { status, body } = await call('POST', '/auth/agent-login', undefined, json);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: 'Agent login successful',
      data: {
        agent: {
          id: made.body.data.agent.id,
          username: 'support_agent',
          email: 'agent@example.com',
          full_name: 'Support Agent',
        },
        token: JWT,
      },
    });
  });

  test('GET /auth/me', async () => {
    const { status, body } = await call('GET', '/auth/me', { token });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      data: { user: { id: NUMBER, username: 'admin_user', email: 'admin@example.com' } },
    });
  });
});

describe('widget management', () => {
  let acme: Business;
  beforeAll(async () => {
    acme = await found('acme');
    await call('PUT', `/widgets/${acme.siteKey}`, acme.boss, { welcome_message: 'Hello! How can we help?' });
  });

  test('GET /widgets with figures and pages', async () => {
    await arrives(acme, 'listed-1');
    await says(visitorOf(acme, 'listed-1'), 'listed-1', 'Hello?');
    pass(2.5 * MINUTE);
    await says(acme.boss, 'listed-1', 'Here we are');
    await closes(acme.boss, 'listed-1');
    await does(visitorOf(acme, 'listed-1'), 'listed-1', { type: 'RateConversation', data: { score: 4 } });
    await caughtUp(servers);
    const { status, body } = await call('GET', '/widgets?page=1&limit=50', acme.boss);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      data: {
        widgets: [WIDGET],
        stats: {
          total_widgets: 1,
          active_widgets: 1,
          inactive_widgets: 0,
          total_chats: 1,
          total_messages: 2,
          average_response_time: '2.5 min',
          customer_satisfaction: 4,
        },
        pagination: { page: 1, limit: 50, total: 1 },
      },
    });
    expect((await call('GET', '/widgets', acme.boss)).body.data.pagination).toEqual({
      page: 1,
      limit: 50,
      total: 1,
    });
    expect((await call('GET', '/widgets?page=2&limit=1', acme.boss)).body.data).toMatchObject({
      widgets: [],
      pagination: { page: 2, limit: 1, total: 1 },
    });
  });

  test('GET /widgets/{siteKey}', async () => {
    const { status, body } = await call('GET', `/widgets/${acme.siteKey}`, acme.boss);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, data: { widget: { ...WIDGET, site_key: acme.siteKey } } });
  });

  test('POST /widgets', async () => {
    const { status, body } = await call('POST', '/widgets', acme.boss, NEW_BUSINESS);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      success: true,
      message: 'Widget created successfully',
      data: { widget: { ...WIDGET, ...NEW_BUSINESS } },
    });
    const own = await call('GET', '/widgets', acme.boss);
    expect(own.body.data.pagination.total).toBe(2);
  });

  test('POST /widgets with a name alone has the defaults of the document’s table', async () => {
    const { status, body } = await call('POST', '/widgets', acme.boss, { business_name: 'Plain' });
    expect(status).toBe(201);
    expect(body.data.widget).toMatchObject({
      ...WIDGET,
      business_name: 'Plain',
      widget_title: 'Chat with us',
      welcome_message: 'Hello! How can we help you today?',
    });
    for (const position of ['bottom-right', 'bottom-left', 'top-right', 'top-left']) {
      const moved = await call('PUT', `/widgets/${body.data.widget.site_key}`, acme.boss, { position });
      expect(moved.body.data.widget.position).toBe(position);
    }
  });

  test('PUT /widgets/{siteKey} changes what it names and nothing else', async () => {
    const before = (await call('POST', '/widgets', acme.boss, { business_name: 'Acme Corp' })).body.data
      .widget;
    const change = { widget_title: 'Updated Chat Title', primary_color: '#00ff00', is_active: false };
    const { status, body } = await call('PUT', `/widgets/${before.site_key}`, acme.boss, change);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Widget updated successfully',
      data: { widget: { ...before, ...change } },
    });
  });

  test('DELETE /widgets/{siteKey}', async () => {
    const { site_key } = (await call('POST', '/widgets', acme.boss, { business_name: 'Soon gone' })).body.data
      .widget;
    const { status, body } = await call('DELETE', `/widgets/${site_key}`, acme.boss);
    expect(status).toBe(200);
    expect(body).toEqual({ success: true, message: 'Widget deleted successfully' });
    expect((await call('GET', `/widgets/${site_key}`, acme.boss)).status).toBe(404);
  });

  test('GET /widgets/{siteKey}/config needs no authentication', async () => {
    const { status, body } = await call('GET', `/widgets/${acme.siteKey}/config`);
    expect(status).toBe(200);
    expect(body).toEqual({
      businessName: 'Acme Corp',
      widgetTitle: 'Support Chat',
      welcomeMessage: 'Hello! How can we help?',
      primaryColor: '#007bff',
      secondaryColor: '#6c757d',
      position: 'bottom-right',
      enablePrechatForm: false,
      prechatFields: [],
    });
  });

  test('GET /widgets/stats/overview', async () => {
    const { status, body } = await call('GET', '/widgets/stats/overview', acme.boss);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      data: {
        stats: {
          total_widgets: 4,
          active_widgets: 3,
          inactive_widgets: 1,
          total_chats: 1,
          total_messages: 2,
          average_response_time: '2.5 min',
          customer_satisfaction: 4,
        },
      },
    });
  });

  test('what nobody measured is not made up', async () => {
    const young = await found('young');
    const { body } = await call('GET', '/widgets/stats/overview', young.boss);
    expect(body.data.stats).toMatchObject({
      total_chats: 0,
      total_messages: 0,
      average_response_time: 'n/a',
      customer_satisfaction: 0,
    });
    const queue = await call('GET', `/widgets/${young.siteKey}/queue-stats`, young.boss);
    expect(queue.body.data.stats).toEqual({ waitingSessions: 0, availableAgents: 0, averageWaitTime: 'n/a' });
    await arrives(young, 'first-ever');
    const place = await call('GET', `/widgets/queue-position/${young.siteKey}/first-ever`);
    expect(place.body).toEqual({ success: true, data: { position: 1, estimatedWait: null } });
  });
});

describe('chat operations', () => {
  let acme: Business;
  let agent: Person;
  /** Thirty chats were taken within the last hour, each after three and a half minutes; four wait. */
  beforeAll(async () => {
    acme = await found('busy');
    agent = await hire(acme, 'Support Agent');
    const taken = Array.from({ length: 30 }, (_, index) => `taken-${index}`);
    await Promise.all(taken.map((id) => arrives(acme, id)));
    pass(3.5 * MINUTE);
    await Promise.all(taken.map((id) => takes(agent, id)));
    await Promise.all(taken.map((id) => closes(agent, id)));
    await arrives(acme, 'waits-longest');
    pass(1_000);
    await arrives(acme, 'session_abc123', { name: 'John Doe', email: 'john@example.com' });
    pass(1_000);
    await arrives(acme, 'waits-third');
    await caughtUp(servers);
  });
  const escalate = (id: string, json?: unknown) =>
    call('POST', `/widgets/escalate/${acme.siteKey}/${id}`, undefined, json);
  const escalated = {
    success: true,
    message: 'Chat escalated to human agent',
    data: { sessionId: 'session_abc123', queuePosition: 2, estimatedWait: 4 },
  };

  test('POST /widgets/escalate/{siteKey}/{sessionId}', async () => {
    const answer = await escalate('session_abc123', {
      reason: 'customer_requested_human',
      customer_frustrated: true,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(escalated);
    expect(Number(answer.headers.get('x-event-sequence'))).toBeGreaterThan(0);
  });

  test('escalating again, without a body, or with a JSON content type and no body is the same', async () => {
    expect((await escalate('session_abc123')).body).toEqual(escalated);
    const path = `/api/widgets/escalate/${acme.siteKey}/session_abc123`;
    const headers = { 'content-type': 'application/json' };
    const empty = await ask(door.url, 'POST', path, { headers });
    expect([empty.status, empty.body]).toEqual([200, escalated]);
    expect((await escalate('session_abc123', { page: 'beyond the document' })).body).toEqual(escalated);
  });

  test('escalating takes the word from the AI', async () => {
    await arrives(acme, 'with-ai', { name: 'Ann' });
    await does(agent, 'with-ai', { type: 'ReturnToAi', data: {} });
    const place = () => call('GET', `/widgets/queue-position/${acme.siteKey}/with-ai`);
    expect((await place()).body).toEqual({ success: true, data: { position: 0, estimatedWait: 0 } });
    expect((await escalate('with-ai')).body.data).toEqual({
      sessionId: 'with-ai',
      queuePosition: 4,
      estimatedWait: 8,
    });
    expect((await place()).body).toEqual({ success: true, data: { position: 4, estimatedWait: 8 } });
  });

  test('a chat that an agent has waits for nobody, and one that has ended cannot be escalated', async () => {
    await arrives(acme, 'taken-now');
    await takes(agent, 'taken-now');
    expect((await escalate('taken-now')).body.data).toEqual({
      sessionId: 'taken-now',
      queuePosition: 0,
      estimatedWait: 0,
    });
    await closes(agent, 'taken-now');
    const late = await escalate('taken-now');
    expect([late.status, late.body]).toEqual([409, { success: false, message: 'This session is closed' }]);
  });

  test('GET /widgets/sessions/{sessionId}/messages', async () => {
    await arrives(acme, 'session_history', { name: 'John Doe', email: 'john@example.com' });
    await does(agent, 'session_history', { type: 'ReturnToAi', data: {} });
    await aiSays(acme, 'session_history', 'Hello! How can I help?');
    await says(visitorOf(acme, 'session_history'), 'session_history', 'I need help with my order');
    await escalate('session_history');
    pass(2 * MINUTE);
    const { status, body } = await call('GET', '/widgets/sessions/session_history/messages', agent);
    expect(status).toBe(200);
    const history = {
      success: true,
      messages: [
        { id: NUMBER, text: 'Hello! How can I help?', sender: 'agent', timestamp: ISO, isAI: true },
        { id: NUMBER, text: 'I need help with my order', sender: 'customer', timestamp: ISO, isAI: false },
      ],
      customerInfo: {
        name: 'John Doe',
        email: 'john@example.com',
        business: 'Acme Corp',
        waitingTime: '2 minutes',
      },
    };
    expect(body).toEqual(history);
    expect(body.messages[1].id).toBeGreaterThan(body.messages[0].id);
    pass(MINUTE);
    await takes(agent, 'session_history');
    pass(MINUTE);
    const later = await call('GET', '/widgets/sessions/session_history/messages', agent);
    expect(later.body.customerInfo.waitingTime).toBe('3 minutes');
    await closes(agent, 'session_history');
  });

  test('GET /widgets/queue-position/{siteKey}/{sessionId}', async () => {
    const { status, body } = await call('GET', `/widgets/queue-position/${acme.siteKey}/waits-third`);
    expect(status).toBe(200);
    expect(body).toEqual({ success: true, data: { position: 3, estimatedWait: 6 } });
  });

  test('GET /widgets/{siteKey}/queue-stats', async () => {
    const second = await hire(acme, 'Second Agent');
    const idle = await hire(acme, 'Nobody Home');
    expect(idle.id).toBeGreaterThan(0);
    await comes(agent);
    await comes(second);
    await arrives(acme, 'waits-last');
    await caughtUp(servers);
    const { status, body } = await call('GET', `/widgets/${acme.siteKey}/queue-stats`, acme.boss);
    expect(status).toBe(200);
    const averageWaitTime = expect.stringMatching(/^3\.[45] minutes$/);
    expect(body).toEqual({
      success: true,
      data: { stats: { waitingSessions: 5, availableAgents: 2, averageWaitTime } },
    });
    // Two at once, as the documents have it.
    await ask(door.url, 'PATCH', `/api/agents/${second.id}`, {
      token: acme.boss.token,
      json: { max_chats: 2 },
    });
    for (const id of ['waits-last', 'with-ai']) await takes(second, id);
    await caughtUp(servers);
    const fewer = await call('GET', `/widgets/${acme.siteKey}/queue-stats`, acme.boss);
    expect(fewer.body.data.stats).toMatchObject({ waitingSessions: 3, availableAgents: 1 });
  });
});

describe('agent operations', () => {
  let acme: Business;
  let agent: Person;
  beforeAll(async () => {
    acme = await found('agents');
    agent = await hire(acme, 'Busy Agent');
    const handled = Array.from({ length: 45 }, (_, index) => `handled-${index}`);
    await Promise.all(handled.map((id) => arrives(acme, id, { name: 'John Doe' }, NEW_YORKER)));
    pass(2.3 * MINUTE);
    await Promise.all(handled.map((id) => says(agent, id, 'How can I help you?')));
    await Promise.all(handled.slice(2).map((id) => closes(agent, id)));
    const scores = [4, 4, 4, 4, 5];
    await Promise.all(
      scores.map((score, index) =>
        does(visitorOf(acme, `handled-${index + 2}`), `handled-${index + 2}`, {
          type: 'RateConversation',
          data: { score },
        }),
      ),
    );
    for (let said = 1; said < 15; said++) await says(visitorOf(acme, 'handled-0'), 'handled-0', `${said}`);
    await caughtUp(servers);
  });

  test('GET /agents/stats', async () => {
    const { status, body } = await call('GET', '/agents/stats', agent);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      data: { chatsHandled: 45, activeChats: 2, avgResponseTime: '2.3 min', customerSatisfaction: 4.2 },
    });
    const idle = await call('GET', '/agents/stats', acme.boss);
    expect(idle.body.data).toEqual({
      chatsHandled: 0,
      activeChats: 0,
      avgResponseTime: 'n/a',
      customerSatisfaction: 0,
    });
  });

  test('GET /agents/waiting-sessions', async () => {
    await arrives(acme, 'session_waiting');
    await does(visitorOf(acme, 'session_waiting'), 'session_waiting', { type: 'RequestHuman', data: {} });
    await arrives(acme, 'session_later', { name: 'Later' });
    pass(5 * MINUTE);
    await caughtUp(servers);
    const { status, body } = await call('GET', '/agents/waiting-sessions', agent);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      sessions: [
        {
          sessionId: 'session_waiting',
          siteKey: acme.siteKey,
          businessName: 'Acme Corp',
          visitorName: 'Customer',
          waitingTime: 5,
          escalated: true,
          addedAt: ISO,
        },
        expect.objectContaining({ sessionId: 'session_later', visitorName: 'Later', escalated: false }),
      ],
    });
  });

  test('GET /agents/active-chats', async () => {
    const { status, body } = await call('GET', '/agents/active-chats', agent);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      data: [{ session_id: 'handled-0' }, { session_id: 'handled-1' }],
    });
    expect(body.data[0]).toEqual({
      session_id: 'handled-0',
      site_key: acme.siteKey,
      visitor_name: 'John Doe',
      business_name: 'Acme Corp',
      messageCount: 15,
      started_at: ISO,
      visitor_info: { browser: 'Chrome', location: 'New York' },
    });
    expect((await call('GET', '/agents/active-chats', acme.boss)).body).toEqual({ success: true, data: [] });
  });

  test('agents are listed with who is online', async () => {
    await comes(agent);
    const { body } = await call('GET', '/agents', agent);
    const online = body.data.agents.map(({ id, online }: { id: number; online: boolean }) => [id, online]);
    expect(online).toEqual([
      [acme.boss.id, false],
      [agent.id, true],
    ]);
  });
});

socketsOfTheWidgetDocument();
termsOfTheWidgetDocument();
