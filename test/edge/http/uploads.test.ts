// Files of strangers: told by their bytes, kept encrypted, opened only by sealed links, gone with their conversation.
import { connect, type Socket } from 'node:net';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

let servers: Servers;
let door: Door;
let admin: { token: string };
let conversation: string;
let visitorToken: string;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  admin = await register(door.url, 'owner');
  ({ conversation, visitorToken } = await startConversation());
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

let commands = 0;
async function startConversation(): Promise<{ conversation: string; visitorToken: string }> {
  const { body } = await ask(door.url, 'GET', '/api/widgets', { token: admin.token });
  const command = `01890a5d-ac96-774b-bcce-${String(++commands).padStart(12, '0')}`;
  const json = { siteKey: body.data.widgets[0].site_key, command };
  const first = await ask(door.url, 'POST', '/api/conversations', { json });
  const again = await ask(door.url, 'POST', '/api/conversations', { json });
  expect(first.status).toBe(201);
  // A visitor token is signed anew each time; all else is the same answer.
  expect({ ...again.body, visitorToken: '' }).toEqual({ ...first.body, visitorToken: '' });
  return first.body;
}

type Bytes = string | Uint8Array;

async function upload(...files: [name: string, bytes: Bytes][]) {
  const form = new FormData();
  for (const [name, bytes] of files) form.append('files', new Blob([bytes as BlobPart]), name);
  return ask(door.url, 'POST', `/api/conversations/${conversation}/attachments`, {
    form,
    headers: { 'x-visitor-token': visitorToken },
  });
}

async function image(format: 'png' | 'jpeg' | 'gif' | 'webp', width = 60, height = 40): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#c03' } })
    .toFormat(format)
    .toBuffer();
}

/** A PNG that says to be huge and holds almost nothing. */
function pixelFlood(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc(body));
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

describe('what is taken', () => {
  test('images with a preview, pdf and text, told by their bytes', async () => {
    const { status, body } = await upload(
      ['a.png', await image('png', 1_000, 500)],
      ['b.JPG', await image('jpeg')],
      ['c.gif', await image('gif')],
      ['d.webp', await image('webp')],
      ['e.txt', 'Grüße, 世界\n'],
    );
    expect(status).toBe(201);
    expect(body.attachments).toMatchObject([
      { name: 'a.png', type: 'image/png', width: 1_000, height: 500, previewUrl: expect.any(String) },
      { name: 'b.jpg', type: 'image/jpeg', width: 60, height: 40 },
      { name: 'c.gif', type: 'image/gif' },
      { name: 'd.webp', type: 'image/webp' },
      { name: 'e.txt', type: 'text/plain' },
    ]);
  });

  test('a photo that lies on its side is told as it stands, and its preview says nothing of where it was taken', async () => {
    const photo = await sharp({ create: { width: 80, height: 40, channels: 3, background: '#123' } })
      .withMetadata({ orientation: 6 })
      .withExifMerge({ IFD0: { Copyright: 'secret owner' } })
      .jpeg()
      .toBuffer();
    const { body } = await upload(['p.jpg', photo]);
    expect(body.attachments[0]).toMatchObject({ width: 40, height: 80 });
    const preview = Buffer.from(await (await fetch(door.url + body.attachments[0].previewUrl)).arrayBuffer());
    expect(preview.includes('secret owner')).toBe(false);
    const { width, height, exif } = await sharp(preview).metadata();
    expect([width, height, exif]).toEqual([40, 80, undefined]);
  });

  test('a picture pasted without an extension is given one', async () => {
    const { body } = await upload(['blob', await image('png')]);
    expect(body.attachments[0].name).toBe('blob.png');
  });
});

describe('what is refused', () => {
  test('a file that is not what its name says, or two things at once', async () => {
    const png = await image('png');
    const gif = await image('gif');
    const files: [string, Bytes][] = [
      ['page.html', '<html><script>alert(1)</script></html>'],
      ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['drawing.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['page.txt', '<!DOCTYPE html><script>alert(1)</script>'],
      ['drawing.txt', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
      ['picture.jpg', png],
      ['picture.pdf', png],
      ['picture.png.html', png],
      ['picture.png.exe', png],
      ['program.png', Buffer.from('MZ\x90\x00'.padEnd(300, '\0'), 'latin1')],
      ['program.exe', Buffer.from('MZ\x90\x00'.padEnd(300, '\0'), 'latin1')],
      ['script.png', Buffer.concat([png, Buffer.from('<script>alert(1)</script>')])],
      ['script.gif', Buffer.concat([gif, Buffer.from('<html><body onload=alert(1)>')])],
      ['archive.png', Buffer.concat([png, Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1')])],
      ['half.png', png.subarray(0, 60)],
      ['binary.txt', Buffer.from([0x68, 0x69, 0x00, 0x01])],
      ['latin.txt', Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65])],
      ['old.doc', 'not a document at all'],
      ['new.docx', Buffer.from('PK\x03\x04'.padEnd(60, '\0'), 'latin1')],
      ['noname', 'words without an extension'],
    ];
    for (const file of files) {
      const { status, body } = await upload(file);
      expect([file[0], status]).toEqual([file[0], 400]);
      expect(body.message).toContain('Supported are');
    }
  });

  test('what is too much: six files, 10 MB and a byte, nothing at all', async () => {
    const six = await upload(
      ...Array.from({ length: 6 }, (_, at): [string, string] => [`${at}.txt`, 'words']),
    );
    expect(six.status).toBe(400);
    expect(six.body.message).toContain('5 files');
    const big = await upload(['big.txt', new Uint8Array(10 * 1024 * 1024 + 1).fill(97)]);
    expect(big.status).toBe(413);
    const whole = await upload(['whole.txt', new Uint8Array(10 * 1024 * 1024).fill(97)]);
    expect(whole.status).toBe(201);
    expect((await upload(['empty.txt', ''])).status).toBe(400);
    expect((await upload()).status).toBeGreaterThanOrEqual(400);
  });

  test('an image of more pixels than can be decoded, without decoding it', async () => {
    const before = process.memoryUsage().rss;
    const { status } = await upload(['flood.png', pixelFlood(30_000)]);
    expect(status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('one bad file among good ones: none is kept', async () => {
    const { status } = await upload(
      ['good.txt', 'words'],
      ['bad.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    );
    expect(status).toBe(400);
  });

  test('a form that is none, and an upload to nobody’s session', async () => {
    const path = `/api/conversations/${conversation}/attachments`;
    const headers = { 'x-visitor-token': visitorToken };
    expect((await ask(door.url, 'POST', path, { json: {}, headers })).status).toBe(415);
    const broken = await ask(door.url, 'POST', path, {
      headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(broken.status).toBeGreaterThanOrEqual(400);
    expect(broken.status).toBeLessThan(500);
    const form = new FormData();
    form.append('files', new Blob(['words']), 'a.txt');
    const nobody = await ask(door.url, 'POST', '/api/conversations/nobody/attachments', { form });
    expect(nobody.status).toBe(404);
    const noSession = await ask(door.url, 'POST', '/api/live-chat/upload', { form });
    expect(noSession.body).toEqual({ success: false, message: 'sessionId is required' });
  });
});

describe('uploads that never end', () => {
  test('hold nothing up once they are cut off', async () => {
    const head = [
      `POST /api/conversations/${conversation}/attachments HTTP/1.1`,
      'Host: x',
      `X-Visitor-Token: ${visitorToken}`,
      'Content-Type: multipart/form-data; boundary=x',
      `Content-Length: ${50 * 1024 * 1024}`,
      '',
      '--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nbeginning',
    ].join('\r\n');
    const sockets = await Promise.all(
      Array.from(
        { length: 8 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(door.port, '127.0.0.1', () => socket.write(head, () => resolve(socket)));
            socket.on('error', () => {});
          }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const meanwhile = await upload(['a.txt', new Uint8Array(2 * 1024 * 1024).fill(97)]);
    expect(meanwhile.status).toBe(503);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = await upload(['a.txt', 'words']);
    expect(after.status).toBe(201);
  });
});

describe('names', () => {
  test('are only names: no paths, controls, directions or surprises', async () => {
    const names: [string, string][] = [
      ['../../etc/passwd.txt', 'passwd.txt'],
      ['..\\..\\windows\\system.txt', 'system.txt'],
      ['a\u202Etxt.exe.txt', 'atxt.exe.txt'],
      ['.hidden.txt', 'hidden.txt'],
      [`${'long'.repeat(100)}.txt`, `${'long'.repeat(29)}.txt`],
      ['Grüße 😀.txt', 'Grüße 😀.txt'],
    ];
    for (const [sent, kept] of names) {
      const { status, body } = await upload([sent, 'words']);
      expect([sent, status, body.attachments?.[0]?.name]).toEqual([sent, 201, kept]);
    }
  });
});

describe('links', () => {
  test('open a file safely: by its type, under its name, inert', async () => {
    const { body } = await upload(['Grüße (1).txt', 'words'], ['a.png', await image('png')]);
    const [text, picture] = body.attachments;
    const opened = await fetch(door.url + text.url);
    expect(await opened.text()).toBe('words');
    expect(opened.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(opened.headers.get('content-disposition')).toBe(
      `attachment; filename="Gr__e (1).txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%281%29.txt`,
    );
    expect(opened.headers.get('content-security-policy')).toContain('sandbox');
    expect(opened.headers.get('x-content-type-options')).toBe('nosniff');
    const shown = await fetch(door.url + picture.url);
    expect(shown.headers.get('content-disposition')).toMatch(/^inline; filename="a\.png"/);
    const again = await fetch(door.url + picture.url, {
      headers: { 'if-none-match': shown.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    const head = await fetch(door.url + picture.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(picture.size)]);
  });

  test('are not to be guessed, changed, or used after their time', async () => {
    const { body } = await upload(['a.txt', 'words'], ['b.txt', 'other words']);
    const [a, b] = body.attachments;
    const link = new URL(a.url, door.url);
    const with_ = (change: (url: URL) => void) => {
      const url = new URL(link);
      change(url);
      return fetch(url).then(({ status }) => status);
    };
    expect(await with_(() => {})).toBe(200);
    expect(await with_((url) => url.searchParams.delete('s'))).toBe(404);
    expect(await with_((url) => url.searchParams.set('s', 'A'.repeat(27)))).toBe(404);
    expect(await with_((url) => url.searchParams.set('e', '99999999999'))).toBe(404);
    expect(
      await with_((url) => {
        url.pathname = `/files/${conversation}/${b.id}`;
      }),
    ).toBe(404);
    const past = Math.floor(Date.now() / 1_000) - 60;
    const seal = door.parts.tokens.seal('file', `${conversation} ${a.id} ${past}`);
    expect((await fetch(`${door.url}/files/${conversation}/${a.id}?e=${past}&s=${seal}`)).status).toBe(404);
  });

  test('what is stored is not what was sent: nobody reads it without its event', async () => {
    const { body } = await upload(['secret.txt', 'a very secret sentence']);
    const workspace = await door.parts.desk.locate(conversation);
    const stored = await door.storage.files.get(`${workspace}/${conversation}/${body.attachments[0].id}`);
    expect(stored?.length).toBeGreaterThan(22);
    expect(Buffer.from(stored ?? []).includes('secret')).toBe(false);
  });

  test('a large file comes whole, also to a slow reader, and one who leaves does no harm', async () => {
    const bytes = new Uint8Array(9 * 1024 * 1024).map((_, at) => 97 + (at % 26));
    const { body } = await upload(['large.txt', bytes]);
    const url = door.url + body.attachments[0].url;
    const slow = await fetch(url);
    let read = 0;
    if (!slow.body) throw new Error('no body');
    for await (const chunk of slow.body as unknown as AsyncIterable<Uint8Array>) {
      read += chunk.length;
      if (read < 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(read).toBe(bytes.length);
    const leaving = new AbortController();
    const left = await fetch(url, { signal: leaving.signal });
    leaving.abort();
    await left.arrayBuffer().catch(() => undefined);
    expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
  });

  test('end with the conversation', async () => {
    const { conversation: doomed, visitorToken: token } = await startConversation();
    const form = new FormData();
    form.append('files', new Blob(['words']), 'a.txt');
    const uploaded = await ask(door.url, 'POST', `/api/conversations/${doomed}/attachments`, {
      form,
      headers: { 'x-visitor-token': token },
    });
    const [file] = uploaded.body.attachments;
    const workspace = await door.parts.desk.locate(doomed);
    await ask(door.url, 'DELETE', `/api/admin/live-chat/sessions/${doomed}`, { token: admin.token });
    expect((await fetch(door.url + file.url)).status).toBe(404);
    expect(await door.storage.files.get(`${workspace}/${doomed}/${file.id}`)).toBeUndefined();
  });
});
