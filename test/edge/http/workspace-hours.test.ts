// When departments are open and when agents count as away, as admins set them over HTTP.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

let servers: Servers;
let door: Door;
let owner: { readonly token: string };
let agent: { readonly token: string };

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  owner = await register(door.url, 'owner');
  agent = await addAgent(door.url, owner.token, 'Jane');
});
afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

const SETTINGS = '/api/workspace/settings';
const patch = (json: object, token = owner.token) => ask(door.url, 'PATCH', SETTINGS, { token, json });
const read = async () => (await ask(door.url, 'GET', SETTINGS, { token: owner.token })).body.data.settings;

const sales = {
  time_zone: 'America/New_York',
  weekly: { mon: [{ from: '09:00', to: '17:00' }], sat: [{ from: '20:00', to: '24:00' }] },
  overflow: 'support',
  overflow_after_seconds: 120,
};

test('a workspace is always open and nobody is away, until its admins say otherwise', async () => {
  expect(await read()).toMatchObject({ hours: {}, away_after_minutes: null });
  const set = await patch({ hours: { sales }, away_after_minutes: 10 });
  expect(set.status).toBe(200);
  expect(set.body.data.settings).toMatchObject({ hours: { sales }, away_after_minutes: 10 });
  expect((await patch({ max_chats: 3 })).status).toBe(200);
  expect(await read()).toMatchObject({ hours: { sales }, away_after_minutes: 10, max_chats: 3 });
  expect(door.parts.directory.defaultWorkspace()?.settings.hours).toEqual({
    sales: {
      timeZone: sales.time_zone,
      weekly: sales.weekly,
      overflow: 'support',
      overflowAfterSeconds: 120,
    },
  });
});

test('hours are replaced as a whole, and overflow may be left out', async () => {
  expect((await patch({ hours: { sales, support: { time_zone: 'UTC', weekly: {} } } })).status).toBe(200);
  const support = { time_zone: 'UTC', weekly: {}, overflow: null, overflow_after_seconds: null };
  expect((await read()).hours).toEqual({ sales, support });
  expect((await patch({ hours: {}, away_after_minutes: null })).status).toBe(200);
  expect(await read()).toMatchObject({ hours: {}, away_after_minutes: null });
});

test('what does not fit is refused in one sentence, and nothing of it is kept', async () => {
  await patch({ hours: { sales }, away_after_minutes: 10 });
  const before = await read();
  const { overflow: _, ...plain } = sales;
  const day = (from: string, to: string) => ({ ...sales, weekly: { mon: [{ from, to }] } });
  const wrong: [object, string][] = [
    [{ away_after_minutes: 0 }, 'away_after_minutes must be at least 1'],
    [{ away_after_minutes: 241 }, 'away_after_minutes must be at most 240'],
    [{ away_after_minutes: '5' }, 'away_after_minutes must be a number'],
    [{ hours: null }, 'hours must be an object'],
    [{ hours: { 'Sales!': sales } }, 'hours.Sales! has a name that is not allowed'],
    [
      { hours: { sales: { ...sales, time_zone: 'Europe/Atlantis' } } },
      'hours.sales.time_zone must be a time zone such as Europe/Berlin',
    ],
    [
      { hours: { sales: { ...sales, time_zone: '+01:00' } } },
      'hours.sales.time_zone must be a time zone such as Europe/Berlin',
    ],
    [
      { hours: { sales: day('17:00', '09:00') } },
      'hours.sales.weekly.mon.0.to must be later than `from`; hours past midnight belong to the next day',
    ],
    [
      { hours: { sales: day('9:00', '17:00') } },
      'hours.sales.weekly.mon.0.from must be a time such as 09:00',
    ],
    [
      {
        hours: {
          sales: {
            ...sales,
            weekly: { mon: [...day('09:00', '12:00').weekly.mon, ...day('11:00', '13:00').weekly.mon] },
          },
        },
      },
      'hours.sales.weekly.mon must not overlap one another',
    ],
    [
      { hours: { sales: { ...sales, weekly: { monday: [] } } } },
      'hours.sales.weekly has what is not known here: "monday"',
    ],
    [
      { hours: { sales: { ...sales, overflow: 'sales' } } },
      'hours.sales.overflow must be another department',
    ],
    [
      { hours: { sales: { ...plain, overflow_after_seconds: -1 } } },
      'hours.sales.overflow_after_seconds must be at least 1',
    ],
    [
      { hours: { cooking: sales } },
      'Hours are for departments of this workspace, and so are their overflows',
    ],
    [
      { hours: { sales: { ...sales, overflow: 'cooking' } } },
      'Hours are for departments of this workspace, and so are their overflows',
    ],
    // A department goes together with its hours, or not at all.
    [
      { departments: ['general', 'sales'] },
      'Hours are for departments of this workspace, and so are their overflows',
    ],
  ];
  for (const [json, message] of wrong) {
    const { status, body } = await patch({ max_chats: 9, ...json });
    expect([json, status, body.message]).toEqual([json, 400, message]);
  }
  expect((await patch({ away_after_minutes: 5 }, agent.token)).status).toBe(403);
  expect(await read()).toEqual(before);
  const fewer = await patch({
    departments: ['general', 'sales'],
    hours: { sales: { ...sales, overflow: 'general' } },
  });
  expect(fewer.status).toBe(200);
});

test('a page is told whether its visitors are answered now, by the department where they begin and its overflow', async () => {
  const { body } = await ask(door.url, 'GET', '/api/widgets', { token: owner.token });
  const [{ site_key: siteKey }] = body.data.widgets;
  const told = (key = siteKey) => ask(door.url, 'GET', `/api/widgets/${key}/availability`);
  const closed = { time_zone: 'UTC', weekly: {} };
  await patch({ departments: ['general', 'sales'], hours: {} });
  expect((await told()).body).toEqual({ open: true, opensAt: null, ai: false });
  await patch({ hours: { sales: closed } });
  expect((await told()).body).toMatchObject({ open: true });
  await patch({ hours: { general: closed } });
  expect((await told()).body).toEqual({ open: false, opensAt: null, ai: false });
  await patch({ hours: { general: { ...closed, overflow: 'sales' } } });
  expect((await told()).body).toEqual({ open: true, opensAt: null, ai: false });
  // The day after tomorrow, wherever midnight falls meanwhile.
  const then = new Date(Date.now() + 2 * 86_400_000);
  const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][then.getUTCDay()] ?? '';
  const weekly = { [day]: [{ from: '09:30', to: '17:00' }] };
  await patch({ hours: { general: { time_zone: 'UTC', weekly } } });
  expect((await told()).body).toEqual({
    open: false,
    opensAt: `${then.toISOString().slice(0, 10)}T09:30:00.000Z`,
    ai: false,
  });
  expect((await told('widget-unknown')).status).toBe(404);
  await ask(door.url, 'PUT', `/api/widgets/${siteKey}`, {
    token: owner.token,
    json: { allowed_origins: ['https://shop.example'] },
  });
  const from = (origin: string) =>
    ask(door.url, 'GET', `/api/widgets/${siteKey}/availability`, { headers: { origin } });
  expect((await from('https://elsewhere.example')).status).toBe(403);
  const allowed = await from('https://shop.example');
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
});
