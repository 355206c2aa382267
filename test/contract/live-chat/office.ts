// The office that the live-chat document's tests talk to: an edge, its people, and a client of each kind.
import sharp from 'sharp';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  addAgent,
  ask,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../../edge/http/door.ts';
import { Talker } from '../../edge/socket/talker.ts';

interface Person {
  readonly token: string;
  readonly id: number;
  readonly email: string;
}

interface Office {
  readonly servers: Servers;
  readonly door: Door;
  readonly boss: Person;
  readonly jane: Person;
  readonly bob: Person;
}

/** A moment as the document spells it. */
export const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const STRING = expect.any(String);
export const NUMBER = expect.any(Number);
export const guests = '/api/live-chat';
export const admin = '/api/admin/live-chat';
/** The document's own guest. */
export const john = { name: 'John Doe', email: 'john@example.com', phone: '+1234567890' };

/** Opened before the tests of the file that imports it, and closed after them. */
export let office: Office;
let made = 0;

beforeAll(async () => {
  const servers = await startServers();
  const door = await openDoor(servers);
  const boss = await register(door.url, 'owner');
  const jane = await addAgent(door.url, boss.token, 'Jane Smith');
  const bob = await addAgent(door.url, boss.token, 'Bob Wilson');
  office = { servers, door, boss, jane, bob };
});

afterAll(async () => {
  await office?.door.close();
  await office?.servers.stop();
});

/** A session under an id as the document's own client makes them. */
export async function startSession(user: object = john) {
  const sessionId = `session-1701691234567-abc${++made}`;
  const answer = await ask(office.door.url, 'POST', `${guests}/sessions`, {
    json: { sessionId, user, pageUrl: 'https://example.com/pricing' },
    headers: { 'user-agent': 'Mozilla/5.0...', referer: 'https://example.com/' },
  });
  expect(answer.status).toBe(201);
  return { sessionId, answer };
}

/** The ids of two agents as the document has them. */
export const jane = () => String(office.jane.id);
export const bob = () => String(office.bob.id);

/** Asks as the agent Jane; `path` follows the admin endpoints' address. */
export const asJane = (method: string, path: string, json?: unknown) =>
  ask(office.door.url, method, `${admin}${path}`, { token: office.jane.token, json });

/** Asks as a guest, with nothing but what is in the address. */
export const asGuest = (method: string, path: string, json?: unknown) =>
  ask(office.door.url, method, `${guests}${path}`, { json });

/** A form with files by their names, and fields. */
export function formOf(
  files: Readonly<Record<string, BlobPart>>,
  fields: Readonly<Record<string, string>> = {},
) {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files)) form.append('files', new Blob([bytes]), name);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

/** Sends a form as a guest, or with a token. */
export const sendForm = (path: string, form: FormData, token?: string) =>
  ask(office.door.url, 'POST', path, { form, token });

export async function picture(format: 'png' | 'jpeg' | 'gif' | 'webp', width = 900): Promise<BlobPart> {
  const image = sharp({ create: { width, height: 600, channels: 3, background: '#2244aa' } });
  return new Uint8Array(await image.toFormat(format).toBuffer());
}

/** A small file of that extension, with the bytes that tell its kind. */
export async function sample(extension: string): Promise<BlobPart> {
  switch (extension) {
    case 'jpg':
    case 'jpeg':
      return picture('jpeg');
    case 'png':
    case 'gif':
    case 'webp':
      return picture(extension);
    case 'pdf':
      return '%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n';
    case 'doc':
      return compound('WordDocument');
    case 'xls':
      return compound('Workbook');
    case 'docx':
      return zipped('wordprocessingml.document');
    case 'xlsx':
      return zipped('spreadsheetml.sheet');
    default:
      return 'just text';
  }
}

/** The beginning of a compound file of the old office formats: header, then a directory that names one stream. */
function compound(stream: string): BlobPart {
  const file = Buffer.alloc(2_048);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(file);
  file.write(stream, 1_024, 'utf16le');
  return new Uint8Array(file);
}

/** A ZIP archive whose first entry, stored, says which of the new office formats it is. */
function zipped(kind: string): BlobPart {
  const name = '[Content_Types].xml';
  const xml = `<Types><Override ContentType="application/vnd.openxmlformats-officedocument.${kind}.main+xml"/></Types>`;
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt32LE(xml.length, 18);
  head.writeUInt32LE(xml.length, 22);
  head.writeUInt16LE(name.length, 26);
  return new Uint8Array(Buffer.concat([head, Buffer.from(name + xml)]));
}

/** A frame of the document's socket. */
type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A client of the document's socket. */
export class Listener {
  readonly talker: Talker;

  private constructor(query: Record<string, string>) {
    this.talker = Talker.knock(office.door.port, query, '/ws/live-chat');
  }

  /** Connects without waiting; answers the close code. */
  static async refused(query: Record<string, string>): Promise<number> {
    return (await new Listener(query).talker.closed).code;
  }

  static async guest(sessionId: string): Promise<Listener> {
    const listener = new Listener({ sessionId });
    await listener.hears('connection_established');
    return listener;
  }

  static async admin({ id, token }: Person = office.jane): Promise<Listener> {
    const listener = new Listener({ admin: 'true', userId: String(id), token });
    await listener.hears('connection_established');
    return listener;
  }

  get frames(): readonly Frame[] {
    return this.talker.frames as unknown as Frame[];
  }

  /** Frames that concern a session. */
  of(sessionId: string): readonly Frame[] {
    return this.frames.filter((frame) => JSON.stringify(frame).includes(sessionId));
  }

  /** The newest frame of that type, once there is one that is so. */
  async hears(type: string, is: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const find = () => this.frames.findLast((frame) => frame.type === type && is(frame));
    await this.talker.when(() => find() !== undefined);
    return find() as Frame;
  }

  send(frame: unknown): void {
    this.talker.send(frame);
  }
}
