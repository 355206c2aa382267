// A request as it goes over the wire, and what its route's schemas say of it: the oracle is the schema itself.
import type { DescribedRoute } from '../../edge/http/description/routes.ts';
import type { Prepared } from '../description/carry-out.ts';

export interface Sent {
  readonly what: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it is sent; undefined: none. */
  readonly text: string | undefined;
  readonly type: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** That request as it should be. */
export function asItIs({ params, query, headers, body }: Prepared, what = 'as it should be'): Sent {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return { what, params, query, headers, text, type: text === undefined ? undefined : 'application/json' };
}

/** The part that the route's schemas do not allow; undefined where they allow all of it. */
export function wrongPart(route: DescribedRoute, sent: Sent): 'params' | 'query' | 'body' | undefined {
  const fails = (schema: DescribedRoute['body'], value: unknown) =>
    schema !== undefined && !schema.safeParse(value).success;
  if (fails(route.params, textsOf(sent.params))) return 'params';
  if (fails(route.description?.body ?? route.body, bodyOf(sent))) return 'body';
  return fails(route.query, textsOf(sent.query)) ? 'query' : undefined;
}

/** Whether one of the fields is called so that no parser lets it pass. */
export function isPoisoned({ text }: Sent): boolean {
  return text !== undefined && /"__proto__"\s*:|"constructor"\s*:\s*\{\s*"prototype"/.test(text);
}

/** The body as a route gets it. */
function bodyOf({ text }: Sent): unknown {
  return text === undefined || text === '' ? null : JSON.parse(text);
}

/** Addresses are text. */
function textsOf(values: unknown): unknown {
  const all = Object.entries((values ?? {}) as object).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.map(String) : String(value),
  ]);
  return Object.fromEntries(all);
}

/** Sends it to the route. */
export async function send(url: string, { method, path }: DescribedRoute, sent: Sent): Promise<Answer> {
  const { params, query, headers, text, type } = sent;
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name] ?? '')),
  );
  const pairs = Object.entries((query ?? {}) as object).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [key, String(one)]),
  );
  const asked = new URLSearchParams(pairs).toString();
  const address = asked === '' ? filled : `${filled}${filled.includes('?') ? '&' : '?'}${asked}`;
  const response = await fetch(url + address, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
    body: text,
  });
  const answered = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return {
    status: response.status,
    headers: response.headers,
    text: answered,
    json: isJson && answered !== '' ? JSON.parse(answered) : undefined,
  };
}
