// What the tests of the widget document's sockets stand on: two edges over one log, its lists kept by a projector, clients as the document has them.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import type { Asked } from '../../../edge/chat/requests.ts';
import type { Principal } from '../../../edge/identity/principals.ts';
import { Projector } from '../../../projections/running/projector.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { startTestPostgres, type TestPostgres } from '../../parts/postgres.ts';
import { type Business, found, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

export const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const MSG = expect.stringMatching(/^msg_\d+$/);

/** Opened before the tests of the file that imports it, and closed after them. */
export let nats: TestNats;
export let postgres: TestPostgres;
export let edge: TestEdge;
export let other: TestEdge;
/** The default workspace, and another one. */
export let business: Business;
export let stranger: Business;
const talkers: Talker[] = [];
let stopProjector: () => Promise<void>;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestNats('newest', { syncAlways: false }), startTestPostgres()]);
  const storage = await connectStorage({
    url: nats.url,
    user: nats.user,
    password: nats.password,
    name: 'test-projector',
    onFault: (fault) => console.error(fault),
  });
  const projector = new Projector({
    url: postgres.url,
    log: storage.log,
    signals: storage.signals,
    onFault: (fault) => console.error(fault),
  });
  projector.start();
  stopProjector = async () => {
    await projector.stop();
    await storage.close();
  };
  edge = await startEdge(nats, { database: postgres.url, pace: { heartbeatSeconds: 1 } });
  other = await startEdge(nats, { database: postgres.url, pace: { heartbeatSeconds: 1 } });
  business = await found(edge);
  stranger = await found(edge, 'Other');
  await sleep(200);
}, 60_000);

afterAll(async () => {
  for (const talker of talkers) talker.close();
  await edge?.close();
  await other?.close();
  await stopProjector?.();
  await postgres?.stop();
  await nats?.stop();
});

/** A frame of this dialect. */
export type Frame = { readonly type: string } & Record<string, unknown>;
export const frames = (talker: Talker) => talker.frames as unknown as Frame[];
export const ofType = (talker: Talker, type: string) => frames(talker).filter((frame) => frame.type === type);
/** Texts of the `message` frames that a customer was sent. */
export const texts = (talker: Talker) => ofType(talker, 'message').map(({ message }) => message);

/** The newest frame of that type that is like that, once there is one. */
export async function hears(
  talker: Talker,
  type: string,
  like: (frame: Frame) => boolean = () => true,
  within?: number,
): Promise<Frame> {
  let heard: Frame | undefined;
  await talker.when(() => {
    heard = ofType(talker, type).findLast(like);
    return heard !== undefined;
  }, within);
  return heard as Frame;
}

/** A customer's socket, opened. */
export async function customer(
  sessionId: string,
  on = edge,
  query: Record<string, string> = {},
): Promise<Talker> {
  const talker = Talker.knock(on.port, query, `/ws/${sessionId}`);
  talkers.push(talker);
  await new Promise<void>((resolve, reject) => {
    talker.socket.on('open', () => resolve());
    talker.socket.on('error', reject);
  });
  return talker;
}

/** An agent's socket, told that it is connected and who waits. */
export async function agent(of: Business = business, on = edge, who = of.agent): Promise<Talker> {
  const talker = Talker.knock(on.port, { token: who.token }, `/ws/agent/${who.number}`);
  talkers.push(talker);
  await hears(talker, 'waiting_sessions');
  return talker;
}

export const siteKeyOf = (of: Business) =>
  edge.edge.directory.defaultWidget(of.workspace)?.siteKey ?? 'no widget';

export const message = (sessionId: string, text: string, more: object = {}) => ({
  type: 'message',
  sessionId,
  siteKey: siteKeyOf(business),
  message: text,
  timestamp: new Date().toISOString(),
  ...more,
});

export const visitorOf = (conversation: string, of = business): Principal => ({
  kind: 'visitor',
  workspace: of.workspace,
  conversation,
  proven: true,
});

/** Asks something of a conversation at an edge, as any other door would. */
export async function ask(who: Principal, conversation: string, asked: Asked, on = edge) {
  const done = await on.edge.desk.ask(who, conversation, asked);
  if (isRefusal(done)) throw new Error(done.refused);
  return done;
}

export async function agentOf(of = business, on = edge): Promise<Principal> {
  const principal = await on.edge.principals.user(of.agent.token);
  if (!principal) throw new Error('no such agent');
  return principal;
}

export async function agentSays(conversation: string, text: string, on = edge): Promise<string> {
  const done = await ask(await agentOf(), conversation, { type: 'PostMessage', data: { text } }, on);
  return `msg_${done.events.findLast(({ type }) => type === 'MessagePosted')?.position}`;
}

/** What was said in a conversation, as the log has it. */
export async function said(conversation: string, of = business): Promise<string[]> {
  const history = await edge.edge.desk.history({ kind: 'api', workspace: of.workspace }, conversation);
  if (isRefusal(history)) return [];
  return history.events.flatMap(({ type, data }) =>
    type === 'MessagePosted' ? [String((data as { text: string }).text)] : [],
  );
}

/** Waits until something is so. */
export async function until(so: () => Promise<boolean> | boolean, within = 5_000): Promise<void> {
  for (const deadline = Date.now() + within; !(await so()); await sleep(20))
    if (Date.now() > deadline) throw new Error('it did not come about in time');
}
