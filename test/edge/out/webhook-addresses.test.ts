// Nobody looks around in our own network by entering a webhook's address: whatever it is called, however it is spelled, and whatever it turns into later.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { checkedUrl, mayReach } from '../../../edge/out/webhooks/addresses.ts';
import { inTurn, type Reach } from '../../../edge/out/webhooks/connector.ts';
import { Endpoint } from '../../../edge/out/webhooks/endpoint.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver?.close());

async function post(url: string, reach: Partial<Reach> = {}) {
  const endpoint = new Endpoint(url, { allowPrivate: false, ...reach }, 1, Date.now);
  try {
    return await endpoint.post('msg_1', '{}');
  } finally {
    await endpoint.close();
  }
}

/** Spellings of this machine, and of what lies behind it. */
const INSIDE = [
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[fe80::1]',
  '[fd00::1]',
  '[fec0::1]',
  '169.254.169.254',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '１２７.０.０.１',
];

describe('an address that is not public', () => {
  for (const host of INSIDE) {
    test(`${host} is refused when it is entered, and not connected to where it was not`, async () => {
      const url = `http://${host}:${receiver.port}/`;
      expect(checkedUrl(url, false)).toEqual({ refused: 'webhook-address-private' });
      const answer = await post(new URL(url).href);
      expect(answer).toEqual({
        problem: 'The host leads to an address that is not a public one.',
        patience: 0,
      });
    });
  }

  test('is refused behind a name, too, and so is a name with only one such address among others', async () => {
    const url = `http://hooks.example.com:${receiver.port}/`;
    for (const addresses of [['127.0.0.1'], ['::ffff:127.0.0.1'], ['93.184.216.34', '127.0.0.1'], []]) {
      const answer = await post(url, { resolve: async () => addresses });
      expect(answer.problem).toBe('The host leads to an address that is not a public one.');
    }
    expect((await post(`http://localhost:${receiver.port}/`)).problem).toContain('not a public one');
  });

  test('is not reached by a name that leads elsewhere the second time it is looked up', async () => {
    let asked = 0;
    const answer = await post(`http://rebinding.example.com:${receiver.port}/`, {
      allowPrivate: true,
      resolve: async () => (++asked === 1 ? ['127.0.0.1'] : ['169.254.169.254']),
    });
    // Looked up once, and connected to what was looked at.
    expect({ asked, status: answer.status }).toEqual({ asked: 1, status: 200 });
  });

  test('is not reached by way of a redirect', async () => {
    const before = receiver.received.length;
    const { port } = receiver;
    receiver.answer = ({ url }, answer) => {
      if (url !== '/inside') answer.setHeader('location', `http://127.0.0.1:${port}/inside`);
      return url === '/inside' ? 200 : 302;
    };
    const answer = await post(`http://hooks.example.com:${port}/`, {
      allowPrivate: true,
      resolve: async () => ['127.0.0.1'],
    });
    receiver.answer = () => 200;
    expect(answer.status).toBe(302);
    expect(answer.problem).toContain('Redirects are not followed');
    expect(receiver.received.slice(before).map(({ url }) => url)).toEqual(['/']);
  });
});

test('ALLOW_PRIVATE_WEBHOOKS reaches loopback and private networks, and still no cloud’s secrets', () => {
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '192.168.1.1', 'fd00::1', '::ffff:127.0.0.1'])
    expect(mayReach(address, true), address).toBe(true);
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    'fe80::1%eth0',
    'x',
  ])
    expect(mayReach(address, true), address).toBe(false);
  for (const address of ['8.8.8.8', '93.184.216.34', '2606:4700::1111'])
    expect(mayReach(address, false), address).toBe(true);
});

test('an address is http or https, and holds no user and no password', () => {
  for (const url of [
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'no address',
    '//example.com',
    'http://',
  ])
    expect(checkedUrl(url, true), url).toEqual({ refused: 'webhook-url-wrong' });
  for (const url of [
    'https://user:pass@example.com/',
    'https://user@example.com/',
    'https://:pass@example.com/',
  ])
    expect(checkedUrl(url, true), url).toEqual({ refused: 'webhook-url-credentials' });
  const fine = checkedUrl('https://yoursite.com/api/chat-webhook.php?a=1#part', false);
  expect(isRefusal(fine) ? fine.refused : fine.href).toBe('https://yoursite.com/api/chat-webhook.php?a=1');
});

describe('a receiver', () => {
  const reach = { allowPrivate: true };

  test('that answers with more than is worth reading is heard all the same', async () => {
    receiver.answer = (_received, answer) => {
      answer.writeHead(200).write('x'.repeat(1_000_000));
      const more = setInterval(() => answer.write('x'.repeat(100_000)), 5);
      answer.once('close', () => clearInterval(more));
      return undefined;
    };
    const began = Date.now();
    const answer = await post(receiver.url, reach);
    receiver.answer = () => 200;
    expect(answer).toMatchObject({ status: 200, problem: undefined });
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test('that cuts the line, or speaks no HTTP, is told of in words', async () => {
    receiver.answer = (_received, answer) => {
      answer.socket?.destroy();
      return undefined;
    };
    expect((await post(receiver.url, reach)).problem).toBe(
      'The connection was closed before there was an answer.',
    );
    receiver.answer = (_received, answer) => {
      answer.socket?.end('SMTP 1.0 hello\r\n\r\n');
      return undefined;
    };
    expect((await post(receiver.url, reach)).problem).toBe('The answer is no HTTP.');
    receiver.answer = () => 200;
    expect((await post(`https://127.0.0.1:${receiver.port}`, reach)).problem).toMatch(/TLS|closed/);
  });

  test('that nobody can find, or that lets nobody in, is told of in words', async () => {
    const lost = Object.assign(new Error('lost'), { code: 'ENOTFOUND' });
    expect((await post('http://nobody.example.com/', { resolve: () => Promise.reject(lost) })).problem).toBe(
      'The host name cannot be found.',
    );
    const gone = await startReceiver();
    await gone.close();
    expect((await post(gone.url, reach)).problem).toBe('The connection was refused.');
  });

  test('whose name server never answers costs five seconds and no more', async () => {
    const began = Date.now();
    const answer = await post('http://slow.example.com/', { resolve: () => new Promise(() => {}) });
    expect(answer.problem).toBe('There was no connection within 5 seconds.');
    expect(Date.now() - began).toBeLessThan(7_000);
  });

  test('whose name server is slow leaves two of the four threads to everything else', async () => {
    const waiting: ((addresses: string[]) => void)[] = [];
    const resolve = inTurn(() => new Promise((found) => waiting.push(found)));
    const asked = Array.from({ length: 202 }, (_, at) => resolve(`slow-${at}.example.com`));
    await expect(resolve('one-too-many.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    for (let at = 0; at < asked.length; at += 2) {
      await expect.poll(() => waiting.length).toBe(at + 2);
      for (const found of waiting.slice(at)) found(['192.0.2.1']);
      await Promise.all(asked.slice(at, at + 2));
    }
  });

  test('that asks for patience is given it, in seconds or until a date', async () => {
    const asked = async (value: string) => {
      receiver.answer = (_received, answer) => {
        answer.setHeader('retry-after', value);
        return 429;
      };
      return (await post(receiver.url, reach)).patience;
    };
    expect(await asked('7')).toBe(7_000);
    const patience = await asked(new Date(Date.now() + 60_000).toUTCString());
    expect(patience).toBeGreaterThan(55_000);
    expect(patience).toBeLessThanOrEqual(60_000);
    expect(await asked('soon')).toBe(0);
    receiver.answer = () => 200;
  });
});
