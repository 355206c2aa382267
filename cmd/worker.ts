// The worker as a program: what happens without anybody asking: first accounts, the demo, unfinished erasures, webhooks, the AI, who is given which conversation, what is due in them.

import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { Turn } from '../edge/out/turn.ts';
import { Bodies } from '../edge/out/webhooks/bodies.ts';
import { Sender } from '../edge/out/webhooks/sender.ts';
import { openReadModels } from '../projections/read-models.ts';
import { demoConversations } from './demo/conversations.ts';
import { configuredAdmin, configuredApiToken, demoPeople } from './demo/people.ts';
import { runProgram, type Summary } from './program.ts';
import { startAi } from './wiring/ai.ts';
import { assemble } from './wiring/assemble.ts';
import { startConversationWork } from './wiring/conversations.ts';
import { databaseUrl, jwtSecret, openStorage } from './wiring/open-storage.ts';

/** Milliseconds between two looks for erasures that somebody began and did not finish. */
const REPAIR_EVERY = 30_000;

await runProgram('worker', async (settings, logger) => {
  const storage = await openStorage('worker', settings, logger);
  const production = settings.environment === 'production';
  const onFault = (fault: unknown) => logger.error({ err: fault }, 'fault outside of a request');
  const parts = await assemble({
    storage,
    jwtSecret: jwtSecret(settings),
    sessionDays: settings.sessionDays,
    supportTokenDays: settings.supportTokenDays,
    signup: settings.signup,
    production,
    hasModel: settings.ai.apiKey !== undefined,
    reach: { allowPrivate: settings.allowPrivateWebhooks },
    onFault,
  });
  const { directory } = parts;

  let summary: Summary = {};
  if (settings.admin) {
    await configuredAdmin(parts, settings.admin);
  } else if (settings.environment === 'development') {
    const demo = await demoPeople(parts, storage.secrets);
    summary = demo.summary;
    const workspace = demo.agents[0]?.workspace;
    const widget = workspace && directory.defaultWidget(workspace);
    if (demo.fresh && widget) await demoConversations(parts, widget, demo.agents);
  }
  if (production && directory.countUsers() === 0) {
    summary = {
      notes: [
        `Register the first account at ${settings.publicUrl}/admin with the set-up code ${parts.setUpCode}`,
      ],
    };
  }

  // Where there is no workspace yet, the token waits for the one that the first user founds.
  let tokenMade = settings.apiToken === undefined;
  const makeToken = async () => {
    if (settings.apiToken !== undefined && !tokenMade)
      tokenMade = await configuredApiToken(parts, settings.apiToken);
  };
  await makeToken();

  const repair = () =>
    void parts.erasures.repair().then((count) => {
      if (count > 0) logger.info({ count }, 'finished erasures that were left half done');
    }, onFault);
  repair();
  const timer = setInterval(() => {
    repair();
    makeToken().catch(onFault);
  }, REPAIR_EVERY);

  const sending = new Turn({
    bucket: storage.leases,
    name: 'webhooks',
    holder: randomUUID(),
    onFault,
    work: () => {
      const sender = new Sender({
        ...parts,
        log: storage.log,
        bodies: new Bodies(storage.log, parts.snapshots),
        newCommand: () => v7(),
        chance: () => Math.random(),
        retire: (webhook) => parts.webhooks.retire(webhook),
        onFault,
      });
      return () => sender.close();
    },
  });
  const readModels = openReadModels({
    url: databaseUrl(settings),
    log: storage.log,
    signals: storage.signals,
    connections: 3,
  });
  const stopAi = startAi({ storage, parts, readModels, ai: settings.ai, logger, onFault });
  const stopConversationWork = startConversationWork({ storage, parts, readModels, onFault });
  return {
    summary,
    async stop() {
      clearInterval(timer);
      await Promise.all([sending.close(), stopAi(), stopConversationWork()]);
      await readModels.close();
      await parts.close();
      await storage.close();
    },
  };
});
