// The OpenAPI document and the Postman collection: valid, whole, and every example in them is carried out and held against what came back.
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenApi } from '../../edge/http/description/openapi.ts';
import { ask, type Door, openDoor, type Servers, startServers } from '../edge/http/door.ts';
import { carryOut } from './carry-out.ts';
import { answerCheck, missing, type NamedExample, type Operation, operationsOf } from './interface.ts';
import { World } from './world.ts';

let servers: Servers;
let door: Door;
let world: World;
let document: OpenApi;
let operations: Operation[];

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  world = await World.begin(servers, door);
  document = (await ask(door.url, 'GET', '/api/openapi.json')).body;
  operations = operationsOf(document);
}, 60_000);

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  test('names operations and the places of their parts once', () => {
    const ids = operations.map((operation) => (operation as unknown as { operationId: string }).operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"\$ref":"#\/components\/(schemas|headers)\/([^"]+)"/g)];
    expect(names.length).toBeGreaterThan(100);
    for (const [, kind = '', name = ''] of names)
      expect(Object.keys(document.components[kind] ?? {})).toContain(name);
  });

  test('has every route, but for those that say why they are not in it', () => {
    const silent = door.routes.filter((route) => !route.description && !route.hidden);
    expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    const told = door.routes.filter((route) => route.description);
    expect(operations.length).toBe(told.length);
  });

  test('is told from its last version by an ETag', async () => {
    const first = await ask(door.url, 'GET', '/api/openapi.json');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = await ask(door.url, 'GET', '/api/openapi.json', { headers: { 'if-none-match': etag } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  test('shows answers that are as their schemas say', () => {
    const checkOf = answerCheck(document);
    const wrong = operations.flatMap((operation) =>
      (operation['x-examples'] ?? []).flatMap((example) => {
        if (example.answer === undefined) return [];
        const check = checkOf(operation, example.status);
        const fault = check ? check(example.answer) : 'no schema for this answer';
        return fault === undefined
          ? []
          : [`${operation.method} ${operation.path} · ${example.name}: ${fault}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('shows examples that can be carried out, and answers that come back so', async () => {
    const checkOf = answerCheck(document);
    const wrong: string[] = [];
    let count = 0;
    for (const operation of operations)
      for (const example of operation['x-examples'] ?? []) {
        count++;
        const fault = await faultOf(operation, example, checkOf);
        if (fault !== undefined)
          wrong.push(`${operation.method} ${operation.path} · ${example.name}: ${fault}`);
      }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(50);
  }, 120_000);
});

interface Pair {
  readonly key: string;
  readonly value: string;
}

interface Item {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly header: readonly Pair[];
    readonly url: {
      readonly raw: string;
      readonly host: readonly string[];
      readonly path: readonly string[];
      readonly query?: readonly Pair[];
      readonly variable?: readonly Pair[];
    };
    readonly body?: { readonly raw: string };
  };
}

describe('the Postman collection', () => {
  test('has a folder for each dialect, and its requests are answered as their examples show', async () => {
    const { body } = await ask(door.url, 'GET', '/api/postman.json');
    expect(body.info.schema).toBe('https://schema.getpostman.com/json/collection/v2.1.0/collection.json');
    expect(body.variable.map(({ key }: Pair) => key)).toEqual([
      'baseUrl',
      'token',
      'apiKey',
      'visitorToken',
      'sessionId',
      'siteKey',
    ]);
    const folders = body.item as { name: string; item: Item[] }[];
    expect(folders.map(({ name }) => name)).toEqual(['native', 'token', 'widget', 'support', 'live-chat']);
    const wrong: string[] = [];
    for (const item of folders.flatMap((folder) => folder.item)) {
      expect(addressOf(item)).toBe(item.request.url.raw);
      const operation = operations.find((one) => isOf(item, one));
      if (!operation) throw new Error(`${item.name}: no operation is at ${item.request.url.raw}`);
      const shown = operation['x-examples']?.find(({ name }) => name === item.name);
      // What shows no example, as an upload of files, is only a form to fill in.
      if (!shown) continue;
      const { status } = await carryOut(world, operation, exampleOf(item, shown.status));
      if (status !== shown.status) wrong.push(`${item.name}: ${status} instead of ${shown.status}`);
    }
    expect(wrong).toEqual([]);
    const named = (key: string) => folders.flatMap(({ item }) => item).find(({ name }) => name === key);
    expect(named('Active chat sessions')?.request.url).toMatchObject({
      path: [''],
      query: [
        { key: 'get-all-chats-api', value: 'true' },
        { key: 'token', value: '{{apiKey}}' },
      ],
    });
    const variables = body.variable.map(({ key }: Pair) => key) as string[];
    const used = [...JSON.stringify(body.item).matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key);
    expect(new Set(used)).toEqual(new Set(variables));
  }, 240_000);
});

/** As Postman puts it together: `raw` is only what it shows. */
function addressOf({ request: { url } }: Item): string {
  const asked = (url.query ?? []).map(({ key, value }) => `${key}=${value}`).join('&');
  return `${[...url.host, ...url.path].join('/')}${asked === '' ? '' : `?${asked}`}`;
}

function isOf({ request: { method, url } }: Item, operation: Operation): boolean {
  const raw = `{{baseUrl}}${operation.path.replace(/\{(\w+)\}/g, ':$1')}`;
  if (method !== operation.method) return false;
  const rest = url.raw.startsWith(raw) ? url.raw.slice(raw.length) : undefined;
  return rest !== undefined && (rest === '' || rest.startsWith(raw.includes('?') ? '&' : '?'));
}

/** A request of the collection as an example: what its variables stand for is filled in when it is carried out. */
function exampleOf({ name, request: { header, url, body } }: Item, status: number): NamedExample {
  const values = (pairs: readonly Pair[] = []) =>
    Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  const own = header.filter(({ key, value }) => key !== 'Content-Type' && !value.includes('{{'));
  return {
    name,
    params: values(url.variable),
    // The flags of the token dialect stand in the operation's own path.
    query: values(url.query?.filter(({ key }) => !key.endsWith('-api'))),
    headers: values(own),
    body: body ? JSON.parse(body.raw) : undefined,
    status,
  };
}

async function faultOf(
  operation: Operation,
  example: NamedExample,
  checkOf: ReturnType<typeof answerCheck>,
): Promise<string | undefined> {
  const { status, headers, body } = await carryOut(world, operation, example);
  if (status !== example.status) return `answered ${status} ${JSON.stringify(body).slice(0, 300)}`;
  const named = operation.responses[String(status)] as { headers?: Record<string, unknown> } | undefined;
  if (!named) return `its status ${status} is not in the document`;
  if (headers.get('x-request-id') === null) return 'no X-Request-Id came back';
  if (headers.has('x-event-sequence') && !('X-Event-Sequence' in (named.headers ?? {})))
    return 'X-Event-Sequence came back, which the document does not name';
  const fault = checkOf(operation, status)?.(body);
  if (fault !== undefined) return `the answer is not as its schema says: ${fault}`;
  const absent = missing(example.answer, body);
  return absent.length > 0 ? `shown, but did not come back: ${absent.join(', ')}` : undefined;
}
