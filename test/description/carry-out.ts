// Carries out an example of the documents over a real connection: what stands for something in it, an id or a token, is replaced by what it stands for.
import { type Answer, ask } from '../edge/http/door.ts';
import type { NamedExample, Operation } from './interface.ts';
import { type Scene, setScene } from './scenes.ts';
import type { World } from './world.ts';

type Values = Readonly<Record<string, unknown>>;

const SESSIONS = /^(?:session_?id|chat_?id|target_?id|conversation(?:_?id)?)$/i;
const AGENTS = /^(?:to_?)?agent_?id$/i;
const SITE_KEYS = /^site_?key$/i;
/** Where an example's person is new, so that nobody may have their address yet. */
const MAKES_PEOPLE = new Set(['POST /api/auth/register', 'POST /api/agents']);

/** A request as it is about to be sent, its parts still apart so that a test may change one of them. */
export interface Prepared {
  readonly params: Values;
  readonly query: Values;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Runs one example in a scene of its own, and answers what came back. */
export async function carryOut(world: World, operation: Operation, example: NamedExample): Promise<Answer> {
  const { params, query, headers, body } = await prepare(
    world,
    operation,
    example,
    await setScene(world, operation),
  );
  const url = addressOf(operation.path, params, query);
  if (body === undefined) return ask(world.door.url, operation.method, url, { headers });
  if (operation.requestBody?.content['application/json'])
    return ask(world.door.url, operation.method, url, { headers, json: body });
  throw new Error(`${operation.path} takes no JSON, so that its example cannot be sent`);
}

/** The request of an example, with what is real in that scene. */
export async function prepare(
  world: World,
  operation: Operation,
  example: NamedExample,
  scene: Scene,
): Promise<Prepared> {
  const real = (values: Values = {}) => replaced(world, operation, example, scene, values);
  const { body } = example;
  return {
    params: real(example.params),
    query: real(example.query),
    headers: await headersOf(world, operation, example, scene),
    body: typeof body === 'object' && body !== null && !Array.isArray(body) ? real(body as Values) : body,
  };
}

/** Path and query of a request. */
function addressOf(template: string, params: Values, query: Values): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`the example has no ${name} for ${template}`);
    return encodeURIComponent(String(value));
  });
  const asked = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [key, String(value)]),
  ).toString();
  return asked === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${asked}`;
}

function replaced(
  world: World,
  operation: Operation,
  { status }: NamedExample,
  { session, widget, agent, apiToken, article }: Scene,
  values: Values,
): Values {
  const name = `${operation.method} ${operation.path}`;
  const inner = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, real(key, one)]));
  };
  const real = (key: string, value: unknown): unknown => {
    // What is not found is not there: it stays as it is.
    if (status !== 404) {
      if (SITE_KEYS.test(key)) return widget.siteKey;
      if (SESSIONS.test(key)) return session?.id ?? `session-new-${world.next()}`;
      if (key === 'id' && operation.path.startsWith('/api/conversations/')) return session?.id;
      if (key === 'id' && operation.path.startsWith('/api/agents/')) return agent.number;
      if (key === 'id' && operation.path.startsWith('/api/knowledge/')) return article;
      if (AGENTS.test(key)) {
        const number = key.toLowerCase().startsWith('to') ? world.bob : agent.number;
        return typeof value === 'number' ? number : String(number);
      }
    }
    // What happened in the scene happened just now.
    if (key === 'startDate') return new Date(Date.now() - 86_400_000).toISOString();
    if (key === 'endDate') return new Date(Date.now() + 60_000).toISOString();
    if (key === 'command') return world.newCommand();
    if (key === 'token' && status !== 401 && status !== 403) return apiToken;
    if (key === 'email' && MAKES_PEOPLE.has(name) && status === 201) return `new${world.next()}@example.com`;
    return inner(value);
  };
  return inner(values) as Values;
}

/** What the operation asks for first, or what the example says, with real values in it. */
async function headersOf(
  world: World,
  { security }: Operation,
  { status, headers = {}, query = {}, body = {} }: NamedExample,
  scene: Scene,
): Promise<Record<string, string>> {
  const { session, caller, apiToken } = scene;
  const bearer = async () => `Bearer ${await world.tokenOf(caller)}`;
  const said: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (status === 401) said[name] = value;
    else if (lower === 'x-api-key') said[name] = apiToken;
    else if (lower === 'x-visitor-token') said[name] = session?.visitorToken ?? value;
    else if (lower === 'authorization') said[name] = await bearer();
    else said[name] = value;
  }
  const [first] = security;
  const tokenInside = 'token' in query || (typeof body === 'object' && body !== null && 'token' in body);
  const own = Object.keys(said).some((name) => /^(?:authorization|x-api-key|x-visitor-token)$/i.test(name));
  if (!first || status === 401 || own || tokenInside) return said;
  if ('bearer' in first) return { ...said, authorization: await bearer() };
  if ('visitorToken' in first) return session ? { ...said, 'x-visitor-token': session.visitorToken } : said;
  return { ...said, 'x-api-key': apiToken };
}
