// Whether this edge lives, can do its work, and how it has been doing it.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Edge } from '../context.ts';
import type { App, Http } from './context.ts';
import { HEALTH, HEALTHZ, METRICS, READYZ } from './health-descriptions.ts';

/** How long a probe waits for the log, and how long its answer counts, in milliseconds. */
const PATIENCE = 2_000;
const FRESH_FOR = 1_000;

export function healthRoutes(app: App, { edge, metrics }: Http): void {
  const { settings, storage, readModels } = edge;
  const probe = cached(edge.now, () => within(canWrite(edge), false));

  const look = inRounds(() =>
    Promise.all([
      probe(),
      within(readModels.ready(), false),
      within(heads(edge), {}),
      within(
        readModels.lag().catch(() => undefined),
        undefined,
      ),
    ]),
  );
  const figures = inRounds(() => metrics.text());

  app.get('/healthz', { schema: HEALTHZ }, async () => ({ alive: true }));

  app.get(
    '/readyz',
    { schema: { querystring: z.object({ lists: z.stringbool().optional() }), ...READYZ } },
    async (request, reply) => {
      const [writable, postgres, log, progress] = await look();
      const current =
        progress !== undefined &&
        Object.values(progress).every(({ lag, failure }) => lag === 0 && failure === undefined);
      const up = writable && storage.server.connected();
      const ready = up && (!request.query.lists || (postgres && current));
      const projections = Object.fromEntries(
        Object.entries(progress ?? {}).map(([name, { generation, lag }]) => [name, { generation, lag }]),
      );
      return reply.code(ready ? 200 : 503).send({
        ready,
        log,
        projections,
        durability: settings.durability ?? storage.durability,
        nats: { version: storage.server.version, connected: storage.server.connected() },
        postgres,
      });
    },
  );

  app.get('/metrics', { schema: METRICS }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await figures()),
  );

  app.get('/api/health', { schema: HEALTH }, async () => {
    const url = new URL(settings.publicUrl);
    return {
      success: true,
      message: 'Chat Widget API is running',
      timestamp: new Date(edge.now()).toISOString(),
      environment: settings.environment,
      domain: url.hostname,
      apiUrl: `${settings.publicUrl}/api`,
      wsUrl: settings.publicUrl.replace(/^http/, 'ws'),
    };
  });
}

/** A real write beside the log: a server that looks healthy may still take none. */
async function canWrite({ storage, now }: Edge): Promise<boolean> {
  try {
    await storage.leases.put('canary', Buffer.from(String(now())));
    return true;
  } catch {
    // Why does not matter to who asks: it cannot be written.
    return false;
  }
}

async function heads({ storage }: Edge): Promise<Record<string, number>> {
  const { log } = storage;
  const streams = log.subjects.streams();
  try {
    const found = await Promise.all(streams.map(async ({ name }) => [name, await log.head(name)] as const));
    return Object.fromEntries(found);
  } catch {
    // The log is away, which `ready` says already.
    return {};
  }
}

function within<Answer>(asked: Promise<Answer>, otherwise: Answer): Promise<Answer> {
  return Promise.race([asked, sleep(PATIENCE, otherwise, { ref: false })]);
}

/** Asks one round at a time, however many want to know: who comes during one shares the next, which has begun after they came. */
function inRounds<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let running: Promise<void> | undefined;
  let next: Promise<Answer> | undefined;
  const begin = () => {
    const answer = ask();
    const ended = () => {
      running = undefined;
    };
    running = answer.then(ended, ended);
    return answer;
  };
  return () => {
    if (!running) return begin();
    next ??= running.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}

/** Asks at most once a second, however many probe. */
function cached<Answer>(now: () => number, ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: { readonly at: number; readonly answer: Promise<Answer> } | undefined;
  return () => {
    if (!asked || now() - asked.at > FRESH_FOR) asked = { at: now(), answer: ask() };
    return asked.answer;
  };
}
