// The projector as a program: keeps the read models in Postgres up with the log.
import { Projector } from '../projections/running/projector.ts';
import { runProgram } from './program.ts';
import { databaseUrl, openStorage } from './wiring/open-storage.ts';

await runProgram('projector', async (settings, logger) => {
  const storage = await openStorage('projector', settings, logger);
  const projector = new Projector({
    url: databaseUrl(settings),
    log: storage.log,
    signals: storage.signals,
    onFault: (err) => logger.error({ err }, 'a read model met a fault'),
  });
  projector.start();
  return {
    async stop() {
      await projector.stop();
      await storage.close();
    },
  };
});
