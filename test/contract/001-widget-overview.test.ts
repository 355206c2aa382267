// The widget generator's overview (seed 001) from its first line to its last: whatever it names is there.
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, caughtUp, openDoor } from '../edge/http/door.ts';
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
  JWT,
  type Person,
  SITE_KEY,
  says,
  servers,
  takes,
  visitorOf,
} from './widget/office.ts';

let acme: Business;
let agent: Person;
beforeAll(async () => {
  acme = await found('overview');
  agent = await hire(acme, 'Overview Agent');
});

describe('quick start', () => {
  test('the health check answers at localhost:5000, and says where sockets are', async () => {
    const local = await openDoor(servers, { publicUrl: 'http://localhost:5000' });
    const { status, body } = await ask(local.url, 'GET', '/api/health');
    await local.close();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      apiUrl: 'http://localhost:5000/api',
      wsUrl: 'ws://localhost:5000',
    });
  });

  test('admin dashboard, agent interface and widget test page have their addresses', async () => {
    const pages = { 'admin.html': '<p>admin', 'agent.html': '<p>agent', 'test-widget.html': '<p>test' };
    const local = await openDoor(servers, {}, pages);
    const page = (path: string) => ask(local.url, 'GET', path);
    expect((await page('/')).headers.get('location')).toBe('/admin');
    expect((await page('/admin')).body).toContain('<p>admin');
    expect((await page('/agent')).body).toContain('<p>agent');
    expect((await page('/test-widget.html')).body).toContain('<p>test');
    await local.close();
  });

  test('who registers signs in and makes a first widget', async () => {
    const json = { username: 'first', email: 'first@example.com', password: 'a-good-password' };
    expect((await call('POST', '/auth/register', undefined, json)).status).toBe(201);
    const entered = await call('POST', '/auth/login', undefined, json);
    expect(entered.body.data.token).toEqual(JWT);
    const made = await call('POST', '/widgets', entered.body.data, { business_name: 'First' });
    expect(made.body.data.widget.site_key).toEqual(SITE_KEY);
  });
});

describe('endpoints', () => {
  test('authentication: register, login, agent-login, me', async () => {
    const password = 'another-good-one';
    const person = { username: 'listed', email: 'listed@example.com', password };
    expect((await call('POST', '/auth/register', undefined, person)).body.message).toBe(
      'User registered successfully',
    );
    expect((await call('POST', '/auth/login', undefined, person)).body.success).toBe(true);
    const entered = await call('POST', '/auth/agent-login', undefined, { email: agent.email, password });
    expect(entered.body.message).toBe('Agent login successful');
    expect((await call('GET', '/auth/me', agent)).body.data.user.id).toBe(agent.id);
  });

  test('widget management: list, create, public config, update', async () => {
    expect((await call('GET', '/widgets', acme.boss)).body.data.widgets).toHaveLength(1);
    const made = await call('POST', '/widgets', acme.boss, { business_name: 'Second' });
    expect(made.status).toBe(201);
    const key = made.body.data.widget.site_key;
    expect((await call('GET', `/widgets/${key}/config`)).body.businessName).toBe('Second');
    const updated = await call('PUT', `/widgets/${key}`, acme.boss, { business_name: 'Renamed' });
    expect(updated.body.data.widget.business_name).toBe('Renamed');
  });

  test('a chat’s way: from the AI to a human in the queue, to an agent, to its end', async () => {
    await arrives(acme, 'way', { name: 'Vera' });
    await does(agent, 'way', { type: 'ReturnToAi', data: {} });
    await says(visitorOf(acme, 'way'), 'way', 'Hello');
    await aiSays(acme, 'way', 'How can I help?');
    expect((await call('GET', '/agents/waiting-sessions', agent)).body.sessions).toEqual([]);
    const escalated = await call('POST', `/widgets/escalate/${acme.siteKey}/way`);
    expect(escalated.body.data).toMatchObject({ sessionId: 'way', queuePosition: 1 });
    const asked = await call('GET', `/widgets/queue-position/${acme.siteKey}/way`);
    expect(asked.body.data.position).toBe(1);
    const path = `/agents/waiting-sessions?min_sequence=${escalated.headers.get('x-event-sequence')}`;
    expect((await call('GET', path, agent)).body.sessions).toMatchObject([
      { sessionId: 'way', escalated: true },
    ]);
    await comes(agent);
    const { number } = await takes(agent, 'way');
    await says(agent, 'way', 'Here I am');
    const history = await call('GET', '/widgets/sessions/way/messages', agent);
    expect(history.body.messages).toMatchObject([
      { text: 'Hello', sender: 'customer', isAI: false },
      { text: 'How can I help?', sender: 'agent', isAI: true },
      { text: 'Here I am', sender: 'agent', isAI: false },
    ]);
    const active = await call('GET', `/agents/active-chats?min_sequence=${number}`, agent);
    expect(active.body.data).toMatchObject([{ session_id: 'way', visitor_name: 'Vera', messageCount: 3 }]);
    expect((await call('GET', '/agents/stats', agent)).body.data).toMatchObject({
      chatsHandled: 1,
      activeChats: 1,
    });
    await closes(agent, 'way');
    expect((await call('GET', '/agents/stats', agent)).body.data).toMatchObject({
      chatsHandled: 1,
      activeChats: 0,
    });
  });
});

describe('security features', () => {
  test('tokens are needed and forged ones are not taken', async () => {
    expect((await call('GET', '/auth/me')).status).toBe(401);
    const [head, claims] = agent.token.split('.');
    const forged = await call('GET', '/auth/me', { token: `${head}.${claims}.${'A'.repeat(43)}` });
    expect([forged.status, forged.body]).toEqual([
      401,
      { success: false, message: 'Invalid or expired token' },
    ]);
  });

  test('pages of other origins are not let in', async () => {
    const headers = { origin: 'https://evil.example' };
    const answer = await ask(door.url, 'GET', '/api/widgets', { token: agent.token, headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('what looks like markup or SQL is text, and stays what it was', async () => {
    const text = `<script>alert(1)</script>'; drop table inbox; --`;
    await arrives(acme, 'attack', { name: text.slice(0, 60) });
    await says(visitorOf(acme, 'attack'), 'attack', text);
    const history = await call('GET', '/widgets/sessions/attack/messages', agent);
    expect(history.body.messages[0].text).toBe(text);
    expect(history.headers.get('content-type')).toMatch(/^application\/json/);
    expect(history.headers.get('x-content-type-options')).toBe('nosniff');
    const key = encodeURIComponent(`widget-' or 1=1 --`);
    expect((await call('GET', `/widgets/${key}/config`)).status).toBe(404);
    await caughtUp(servers);
    expect((await call('GET', '/agents/waiting-sessions', agent)).body.sessions).toHaveLength(1);
  });
});
