// What is known of a visitor: from which address, from where and with what they come.
import fc from 'fast-check';
import fastify from 'fastify';
import { beforeAll, describe, expect, test } from 'vitest';
import { clientAddress, trustOf } from '../../../edge/visitors/client-address.ts';
import { deviceOf } from '../../../edge/visitors/devices.ts';
import { Places } from '../../../edge/visitors/places.ts';
import { userSession } from '../../../edge/visitors/user-session.ts';
import { Visitors } from '../../../edge/visitors/visitors.ts';

const NAVIGATOR = {
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  edge: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  android:
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  samsung:
    'Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36',
};

describe('the address of whoever calls', () => {
  const cases: [string, number | string[], string | undefined, string][] = [
    ['nobody is trusted, so nothing is believed', 0, '203.0.113.5', '10.0.0.1'],
    ['one proxy is trusted, and says who called it', 1, '203.0.113.5', '203.0.113.5'],
    [
      'what the caller wrote before the proxy’s word is not looked at',
      1,
      '1.1.1.1, 2.2.2.2, 203.0.113.5',
      '203.0.113.5',
    ],
    [
      'two proxies: the second one’s word is believed too',
      2,
      '1.1.1.1, 203.0.113.5, 10.0.0.2',
      '203.0.113.5',
    ],
    ['a trusted proxy that says nothing is all that is known', 1, undefined, '10.0.0.1'],
    ['… nor does one that does not know', 1, 'unknown', '10.0.0.1'],
    [
      'proxies by their range, as far back as it reaches',
      ['10.0.0.0/8'],
      '203.0.113.5, 10.9.9.9',
      '203.0.113.5',
    ],
    ['a peer outside of the range is the caller', ['192.168.0.0/16'], '203.0.113.5', '10.0.0.1'],
    ['addresses of the sixth version', ['10.0.0.1', 'fd00::/8'], '2001:db8::7, fd00::1', '2001:db8::7'],
    [
      'an IPv4 address inside of IPv6 is what it is',
      ['10.0.0.0/8'],
      '203.0.113.5, ::ffff:10.1.1.1',
      '203.0.113.5',
    ],
  ];
  test.each(cases)('%s', (_name, trusted, forwarded, expected) => {
    expect(clientAddress(trustOf(trusted), '10.0.0.1', forwarded)).toBe(expected);
  });

  test('a chain of any length is walked no further than a bound', () => {
    const chain = Array.from({ length: 100_000 }, () => '10.0.0.2').join(',');
    const begun = performance.now();
    expect(clientAddress(trustOf(['10.0.0.0/8']), '10.0.0.1', `203.0.113.5,${chain}`)).toBe('10.0.0.2');
    expect(performance.now() - begun).toBeLessThan(500);
  });

  test('sockets, which ask us, and HTTP, which asks fastify, know the same', async () => {
    const address = fc.oneof(
      fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.3.4', '127.0.0.1', 'fd00::1'),
      fc.ipV4(),
      fc.ipV6(),
    );
    const trusted = fc.oneof(
      fc.integer({ min: 0, max: 4 }),
      fc.subarray(['10.0.0.0/8', '127.0.0.1', '192.168.0.0/16', 'fd00::/8']),
    );
    await fc.assert(
      fc.asyncProperty(
        address,
        fc.array(address, { maxLength: 6 }),
        trusted,
        async (peer, before, setting) => {
          const trust = trustOf(setting);
          const app = fastify({ trustProxy: trust });
          app.get('/', (request) => request.ip);
          const forwarded = before.length > 0 ? before.join(', ') : undefined;
          const { body } = await app.inject({
            url: '/',
            remoteAddress: peer,
            headers: forwarded ? { 'x-forwarded-for': forwarded } : {},
          });
          expect(clientAddress(trust, peer, forwarded)).toBe(body);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the place', () => {
  let places: Places;
  beforeAll(async () => {
    places = await Places.open();
  });
  const of = (headers: Record<string, string>, ip = '127.0.0.1', trusted = true) =>
    places.of((name) => headers[name], ip, trusted);

  test.each([
    ['Cloudflare', { 'cf-ipcountry': 'UA', 'cf-region': 'Kyiv Oblast', 'cf-ipcity': 'Olenivka' }],
    [
      'CloudFront',
      {
        'cloudfront-viewer-country-name': 'Ukraine',
        'cloudfront-viewer-country': 'UA',
        'cloudfront-viewer-country-region-name': 'Kyiv%20Oblast',
        'cloudfront-viewer-city': 'Olenivka',
      },
    ],
    [
      'Vercel',
      {
        'x-vercel-ip-country': 'UA',
        'x-vercel-ip-country-region': 'Kyiv Oblast',
        'x-vercel-ip-city': 'Olenivka',
      },
    ],
    ['Fastly', { 'x-geo-country': 'ua', 'x-geo-region': 'Kyiv Oblast', 'x-geo-city': 'Olenivka' }],
  ])('is what %s says of it', (_cdn, headers) => {
    expect(of(headers)).toEqual({ country: 'Ukraine', region: 'Kyiv Oblast', city: 'Olenivka' });
  });

  test('names keep their letters, and what is no name is left out', () => {
    expect(
      of({
        'x-vercel-ip-country': 'BR',
        'x-vercel-ip-country-region': 'SP',
        'x-vercel-ip-city': 'S%C3%A3o%20Paulo',
      }),
    ).toEqual({
      country: 'Brazil',
      region: undefined,
      city: 'São Paulo',
    });
    expect(of({ 'cf-ipcountry': 'UA', 'cf-ipcity': '100%\u0000 sure\n' })).toMatchObject({
      city: '100%  sure',
    });
    expect(of({ 'cf-ipcountry': 'UA', 'cf-ipcity': 'x'.repeat(5_000) })?.city).toHaveLength(100);
  });

  test('without a CDN the country comes from the file beside us', () => {
    expect(of({}, '31.43.52.185')).toEqual({ country: 'Ukraine' });
    expect(of({}, '8.8.8.8')).toEqual({ country: 'United States' });
    expect(of({}, '2001:4860:4860::8888')).toEqual({ country: 'United States' });
    expect(of({}, '::ffff:193.0.6.139')).toEqual({ country: 'Netherlands' });
  });

  test('a CDN that does not know is not asked twice', () => {
    for (const code of ['XX', 'T1', 'ZZ', '', 'Ukraine', '<b>'])
      expect(of({ 'cf-ipcountry': code }, '8.8.8.8')).toEqual({ country: 'United States' });
  });

  test('whoever is not trusted says nothing of the place', () => {
    expect(of({ 'cf-ipcountry': 'UA' }, '8.8.8.8', false)).toEqual({ country: 'United States' });
  });

  test('addresses that lie nowhere have no place', () => {
    for (const ip of ['127.0.0.1', '10.1.2.3', '192.168.0.1', '169.254.1.1', '::1', 'fd00::1', '', 'unknown'])
      expect(of({}, ip)).toBeUndefined();
  });
});

describe('the device', () => {
  test.each([
    ['mac', 'Mac', 'Google Chrome'],
    ['edge', 'Windows', 'Microsoft Edge'],
    ['firefox', 'Linux', 'Firefox'],
    ['iphone', 'iOS', 'Safari'],
    ['android', 'Android', 'Google Chrome'],
    ['samsung', 'Android', 'Samsung Internet'],
  ] as const)('%s is told in the document’s words', (which, os, browser) => {
    expect(deviceOf(NAVIGATOR[which])).toEqual({ os, browser });
  });

  test('anything may stand in a user agent', () => {
    expect(deviceOf(undefined)).toEqual({});
    for (const odd of ['', 'curl/8.5.0', ')(', '\u0000', 'Mozilla/5.0'])
      expect(deviceOf(odd)).toEqual({ os: undefined, browser: undefined });
    fc.assert(fc.property(fc.string({ maxLength: 600 }), (text) => Object.keys(deviceOf(text)).length <= 2));
  });
});

describe('user_session', () => {
  test.each([
    [
      {
        place: { country: 'Ukraine', region: 'Kyiv Oblast', city: 'Olenivka' },
        ip: '31.43.52.185',
        userAgent: NAVIGATOR.mac,
      },
      'Ukraine, Kyiv Oblast, Olenivka (31.43.52.185), Mac, Google Chrome',
    ],
    [
      { place: { country: 'Ukraine' }, ip: '31.43.52.185', userAgent: NAVIGATOR.mac },
      'Ukraine (31.43.52.185), Mac, Google Chrome',
    ],
    [
      { place: { country: 'Ukraine', city: 'Olenivka' }, ip: '31.43.52.185' },
      'Ukraine, Olenivka (31.43.52.185)',
    ],
    [{ place: { country: 'Ukraine' }, userAgent: NAVIGATOR.firefox }, 'Ukraine, Linux, Firefox'],
    [{ ip: '10.0.0.1', userAgent: NAVIGATOR.iphone }, '10.0.0.1, iOS, Safari'],
    [{ userAgent: NAVIGATOR.edge }, 'Windows, Microsoft Edge'],
    [{ userAgent: 'curl/8.5.0' }, undefined],
    [{}, undefined],
  ])('%j', (origin, expected) => {
    expect(userSession(origin)).toBe(expected);
  });
});

test('an origin is cut to the bounds of the log', async () => {
  const visitors = await Visitors.open(0);
  const header = (name: string) => (name === 'accept-language' ? 'uk-UA,uk;q=0.9' : 'x'.repeat(9_000));
  const origin = visitors.origin(visitors.arrived('8.8.8.8', header), 'native', {});
  expect(origin).toEqual({
    pageUrl: 'x'.repeat(2_000),
    referrer: undefined,
    userAgent: 'x'.repeat(500),
    ip: '8.8.8.8',
    place: { country: 'United States' },
    language: 'uk-UA',
    channel: 'native',
  });
});
