// nginx in front, configured as the token document has it (seed 000, step 3): TLS, sockets, and the address of whoever really calls.
import { readFile } from 'node:fs/promises';
import { request as ask80, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { io } from 'socket.io-client';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import type { Origin } from '../../../domain/conversation/values.ts';
import { findNginx, startNginx, type TestNginx } from '../../parts/nginx.ts';
import { Talker } from '../socket/talker.ts';
import { ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

/** The document's configuration to the letter. */
const DOCUMENT = `
    # Redirect HTTP to HTTPS
    server {
        listen 80;
        server_name chat.yourdomain.com;
        return 301 https://$host$request_uri;
    }

    # Main HTTPS server configuration
    server {
        listen 443 ssl;
        server_name chat.yourdomain.com;

        # Paths to your SSL certificates
        ssl_certificate /etc/ssl/certs/chat.yourdomain.com.pem;
        ssl_certificate_key /etc/ssl/private/chat.yourdomain.com.key;

        # SSL optimizations
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers HIGH:!aNULL:!MD5;

        location / {
            proxy_pass http://localhost:8080; # Port where your Node.js app runs
            proxy_http_version 1.1;

            # Required headers for WebSocket connections
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";

            # Forward real client IP address
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header CF-Connecting-IP $http_cf_connecting_ip; # If using Cloudflare

            # Increase timeout for long-lived connections
            proxy_read_timeout 86400s; # 24 hours
            proxy_send_timeout 86400s;
        }
    }
`;
const HOST = 'chat.yourdomain.com';
/** Another address of this machine: who calls from it is told apart from nginx, which calls from 127.0.0.1. */
const CLIENT = '127.0.0.7';
const SPOOFED = {
  'x-forwarded-for': '203.0.113.5, 127.0.0.1',
  'x-real-ip': '203.0.113.6',
  'cf-connecting-ip': '203.0.113.7',
  'true-client-ip': '203.0.113.8',
  forwarded: 'for=203.0.113.9',
};

const nginx = await findNginx();
if ('missing' in nginx) console.warn(`Not tested behind nginx: ${nginx.missing}.`);
/** Other addresses of the loopback are Linux's. */
const possible = 'path' in nginx && process.platform === 'linux';

let servers: Servers;
let admin: string;
let siteKey: string;

interface Front {
  readonly door: Door;
  readonly nginx: TestNginx;
}

/** An edge that believes so many proxies, and nginx before it. */
async function front(trustProxy: number | readonly string[], site = DOCUMENT): Promise<Front> {
  if (!('path' in nginx)) throw new Error(nginx.missing);
  const door = await openDoor(servers, { trustProxy, publicUrl: `https://${HOST}` });
  return { door, nginx: await startNginx(nginx.path, site, door.port) };
}

const close = async (opened: Front | undefined) => {
  await opened?.nginx.stop();
  await opened?.door.close();
};

interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: the body of any route
  readonly body: any;
}

/** One request through nginx, over TLS, from the client's address. */
function through(
  { nginx }: Front,
  method: string,
  path: string,
  options: { readonly json?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Heard> {
  const body = options.json === undefined ? undefined : Buffer.from(JSON.stringify(options.json));
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: nginx.httpsPort,
        servername: HOST,
        ca: nginx.certificate,
        localAddress: CLIENT,
        method,
        path,
        headers: {
          host: HOST,
          ...(body ? { 'content-type': 'application/json', 'content-length': String(body.length) } : {}),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type']?.startsWith('application/json');
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: isJson ? JSON.parse(text) : text });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A socket through nginx, over TLS, from the client's address. */
function socketThrough({ nginx }: Front, path: string, headers: Record<string, string> = {}): WebSocket {
  // Its types do not know that `ws` hands these on to TLS.
  const options: ClientOptions & Pick<ConnectionOptions, 'servername'> = {
    ca: nginx.certificate,
    servername: HOST,
    headers: { host: HOST, ...headers },
    localAddress: CLIENT,
  };
  return new WebSocket(`wss://127.0.0.1:${nginx.httpsPort}${path}`, options);
}

/** Starts a chat through nginx and answers what was stored of where it was started. */
async function storedOrigin(opened: Front, headers: Record<string, string> = {}): Promise<Origin> {
  const started = await through(opened, 'POST', '/api/conversations', {
    json: { siteKey, command: v7(), visitor: { name: 'Vera' } },
    headers,
  });
  expect(started.status).toBe(201);
  return originIn(opened.door, started.body.conversation);
}

async function originIn({ parts }: Door, conversation: string): Promise<Origin> {
  const user = await parts.principals.user(admin);
  const found = user && (await parts.desk.find(user, conversation));
  if (!found || 'refused' in found) throw new Error('the chat is not there');
  return found.state.origin;
}

const storedAddress = async (opened: Front, headers?: Record<string, string>) =>
  (await storedOrigin(opened, headers)).ip;

describe.skipIf(!possible)('behind nginx as the document configures it', () => {
  let trusting: Front;

  beforeAll(async () => {
    servers = await startServers();
    trusting = await front(1);
    ({ token: admin } = await register(trusting.door.url, 'owner'));
    const user = await trusting.door.parts.principals.user(admin);
    siteKey = (user && trusting.door.parts.directory.defaultWidget(user.workspace)?.siteKey) ?? '';
  }, 120_000);

  afterAll(async () => {
    await close(trusting);
    await servers?.stop();
  });

  test('HTTP is sent on to HTTPS with its whole address', async () => {
    const headers = await new Promise<{ status?: number; location?: string }>((resolve, reject) => {
      ask80(
        {
          host: '127.0.0.1',
          port: trusting.nginx.httpPort,
          path: '/?get-all-chats-api=true&token=x',
          headers: { host: HOST },
        },
        (response) => resolve({ status: response.statusCode, location: response.resume().headers.location }),
      )
        .on('error', reject)
        .end();
    });
    expect(headers.status).toBe(301);
    expect(headers.location).toBe(`https://${HOST}/?get-all-chats-api=true&token=x`);
  });

  test('pages and API answer over TLS', async () => {
    const health = await through(trusting, 'GET', '/api/health');
    expect([health.status, health.body.success]).toEqual([200, true]);
    const root = await through(trusting, 'GET', '/', { headers: { accept: 'text/html' } });
    expect([root.status, root.headers.location]).toEqual([302, '/admin']);
  });

  test('a program lists the chats and writes into them, from its own address', async () => {
    const made = await through(trusting, 'POST', '/api/workspace/api-token', {
      headers: { authorization: `Bearer ${admin}` },
    });
    const { token } = made.body.data;
    await storedAddress(trusting);
    const [session] = (await through(trusting, 'GET', `/?get-all-chats-api=true&token=${token}`)).body;
    expect(session.metadata.user_session).toBe(CLIENT);
    const sent = await through(trusting, 'POST', '/?send-message-to-chat-api=true', {
      json: { token, targetId: session.session_id, message: 'Through nginx 🚀' },
    });
    expect([sent.status, sent.body]).toEqual([200, { status: 'success', sent_to: session.session_id }]);
  });

  test('a socket is upgraded and talks both ways', async () => {
    const started = await through(trusting, 'POST', '/api/conversations', {
      json: { siteKey, command: v7(), visitor: { name: 'Vera' } },
    });
    const { conversation, visitorToken } = started.body;
    const query = new URLSearchParams({ conversation, visitorToken });
    const talker = new Talker(socketThrough(trusting, `/ws/v1?${query}`));
    await talker.until((frame) => 'welcome' in frame);
    expect(await talker.post(conversation, 'Over TLS')).toMatchObject({ ok: true });
    await talker.resume(conversation);
    await talker.when(() => talker.texts.includes('Over TLS'));
    talker.close();
  });

  test('a Socket.IO client gets through by polls, and from them to a WebSocket', async () => {
    const { token } = (await through(trusting, 'POST', '/api/auth/token', { json: { userId: 'user123' } }))
      .body;
    const authorization = `Bearer ${token}`;
    const started = await through(trusting, 'POST', '/api/chat/start-session', {
      json: { userId: 'user123', userType: 'user' },
      headers: { authorization, ...SPOOFED },
    });
    const { sessionId } = started.body.data;
    expect((await originIn(trusting.door, sessionId)).ip).toBe(CLIENT);
    const options = {
      // Its polls can name no other server than the address they go to, for which there is no certificate.
      rejectUnauthorized: false,
      extraHeaders: { host: HOST },
      auth: { token },
      forceNew: true,
    };
    const clients = [
      io(`https://127.0.0.1:${trusting.nginx.httpsPort}`, { ...options, transports: ['polling'] }),
      io(`https://127.0.0.1:${trusting.nginx.httpsPort}`, {
        ...options,
        transports: ['polling', 'websocket'],
      }),
    ] as const;
    try {
      const [polling, upgraded] = clients;
      const heard = clients.map((client) => {
        const texts: string[] = [];
        client.on('new_message', ({ message }: { message: string }) => texts.push(message));
        return texts;
      });
      for (const client of clients)
        expect(await client.timeout(10_000).emitWithAck('join_session', { sessionId })).toMatchObject({
          success: true,
        });
      await expect.poll(() => upgraded.io.engine.transport.name).toBe('websocket');
      expect(polling.io.engine.transport.name).toBe('polling');
      polling.emit('send_message', { sessionId, message: 'By polls' });
      await expect.poll(() => heard).toEqual([['By polls'], ['By polls']]);
      upgraded.emit('send_message', { sessionId, message: 'By a socket' });
      const both = ['By polls', 'By a socket'];
      await expect.poll(() => heard).toEqual([both, both]);
    } finally {
      for (const client of clients) client.disconnect();
    }
  });

  test('who calls is known through the one proxy that is trusted, and nothing they say of themselves gets through', async () => {
    expect(await storedAddress(trusting)).toBe(CLIENT);
    expect(await storedAddress(trusting, SPOOFED)).toBe(CLIENT);
  });

  test('the same of a chat that is started over a socket', async () => {
    const socket = socketThrough(trusting, '/ws/session_behind_nginx', {
      ...SPOOFED,
      'user-agent': 'curl/8',
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send(JSON.stringify({ type: 'message', siteKey, message: 'Hello' }));
    const { desk } = trusting.door.parts;
    await expect.poll(() => desk.locate('session_behind_nginx')).toBeDefined();
    await expect
      .poll(() => originIn(trusting.door, 'session_behind_nginx').catch(() => undefined))
      .toMatchObject({ ip: CLIENT, userAgent: 'curl/8' });
    socket.terminate();
  });

  test('the same where the proxy is named by its address', async () => {
    const named = await front(['127.0.0.1', '::1']);
    try {
      expect(await storedAddress(named)).toBe(CLIENT);
      expect(await storedAddress(named, SPOOFED)).toBe(CLIENT);
    } finally {
      await close(named);
    }
  });

  test('where no proxy is trusted nothing is believed: not nginx, and not who speaks past it', async () => {
    const wary = await front(0);
    try {
      expect(await storedAddress(wary)).toBe('127.0.0.1');
      expect(await storedAddress(wary, { ...SPOOFED, 'cf-ipcountry': 'UA' })).toBe('127.0.0.1');
      const past = await ask(wary.door.url, 'POST', '/api/conversations', {
        json: { siteKey, command: v7(), visitor: {} },
        headers: { ...SPOOFED, 'cf-ipcountry': 'UA' },
      });
      const origin = await originIn(wary.door, past.body.conversation);
      expect(origin.ip).toBe('127.0.0.1');
      expect(origin.place).toBeUndefined();
    } finally {
      await close(wary);
    }
  });

  test('the configuration that we ship works as well, takes large files, and passes no made-up place on', async () => {
    const site = await readFile(new URL('../../../deploy/nginx/chat.conf', import.meta.url), 'utf8');
    const shipped = await front(1, site);
    try {
      const origin = await storedOrigin(shipped, {
        ...SPOOFED,
        'cf-ipcountry': 'UA',
        'cf-ipcity': 'Olenivka',
      });
      expect(origin.ip).toBe(CLIENT);
      expect(origin.place).toBeUndefined();
      // Two megabytes: more than nginx lets through by itself, and refused by us with our own words.
      const large = await through(shipped, 'POST', '/?send-message-to-chat-api=true', {
        json: { message: 'x'.repeat(2 * 1024 * 1024) },
      });
      expect([large.status, large.body]).toEqual([413, { error: 'The request is too large' }]);
      // A token in the query is noted nowhere.
      const listed = await through(shipped, 'GET', '/?get-all-chats-api=true&token=a-secret', {
        headers: { referer: 'https://shop.example/?token=a-secret' },
      });
      expect(listed.status).toBe(403);
      const noted = await shipped.nginx.noted();
      expect(noted).toContain('"GET / HTTP/1.1" 403');
      expect(noted).not.toContain('a-secret');
      expect(shipped.nginx.complaints()).not.toMatch(/\[(?:emerg|crit|alert)\]/);
    } finally {
      await close(shipped);
    }
  });
});
