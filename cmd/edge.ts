// The edge as a program: every door, HTTP and sockets, on one port.
import { fileURLToPath } from 'node:url';
import { Queue } from '../edge/chat/queue.ts';
import { createHttp } from '../edge/http/app.ts';
import { createEdgeServer } from '../edge/socket/server.ts';
import { Visitors } from '../edge/visitors/visitors.ts';
import { openReadModels } from '../projections/read-models.ts';
import { runProgram } from './program.ts';
import { assemble } from './wiring/assemble.ts';
import { databaseUrl, jwtSecret, openStorage } from './wiring/open-storage.ts';

/** Seconds over which a draining edge closes its sockets, so that they do not all come back at once. */
const DRAIN_SECONDS = 3;

await runProgram('edge', async (settings, logger) => {
  const storage = await openStorage('edge', settings, logger);
  const parts = await assemble({
    storage,
    jwtSecret: jwtSecret(settings),
    sessionDays: settings.sessionDays,
    supportTokenDays: settings.supportTokenDays,
    signup: settings.signup,
    production: settings.environment === 'production',
    hasModel: settings.ai.apiKey !== undefined,
    reach: { allowPrivate: settings.allowPrivateWebhooks },
    onFault: (fault) => logger.error({ err: fault }, 'fault outside of a request'),
  });
  const readModels = await openReadModels({
    url: databaseUrl(settings),
    log: storage.log,
    signals: storage.signals,
  });
  const queue = new Queue({ ...parts, readModels, subjects: storage.log.subjects });
  const edge = {
    ...parts,
    storage,
    readModels,
    visitors: await Visitors.open(settings.trustProxy),
    queue,
    logger,
    settings: {
      port: settings.port,
      host: settings.host ?? '',
      privateHost: settings.privateHost,
      publicUrl: settings.publicUrl,
      environment: settings.environment,
      frontendUrls: settings.frontendUrls,
      trustProxy: settings.trustProxy,
      rateLimits: settings.rateLimits ? ('on' as const) : ('off' as const),
      passwordMinLength: settings.passwordMinLength,
      durability: settings.durability,
      sharedPort: settings.edges > 1,
      assets: fileURLToPath(new URL('./ui', import.meta.url)),
    },
  };
  const http = await createHttp(edge);
  const server = createEdgeServer(edge, http);
  await server.listen();
  return {
    async stop() {
      await server.drain(DRAIN_SECONDS);
      await server.close();
      await http.close();
      await readModels.close();
      await parts.close();
      await storage.close();
    },
  };
});
