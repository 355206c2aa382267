// The support document over HTTP (seed 002), put together: tokens, sessions, figures, and who is given a session.
import { Assignment } from '../../../chat/assignment.ts';
import type { App, Http } from '../../../http/context.ts';
import { supportInformation } from './api-information.ts';
import { supportMessages } from './messages.ts';
import { supportSessions } from './sessions.ts';
import { supportStats } from './stats.ts';
import { supportTokens } from './token.ts';

export async function supportRoutes(app: App, http: Http): Promise<void> {
  const { edge } = http;
  const assignment = new Assignment({
    ...edge,
    log: edge.storage.log,
    leases: edge.storage.leases,
    onFault: (fault) => edge.logger.error({ err: fault }, 'sessions could not be given to agents'),
  });
  app.addHook('onClose', () => assignment.close());
  supportInformation(app);
  supportTokens(app, http);
  supportSessions(app, http, assignment);
  supportMessages(app, http);
  supportStats(app, http);
}
