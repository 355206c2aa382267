// The support document over HTTP (seed 002), put together: tokens, sessions, messages, figures.
import type { App, Http } from '../../../http/context.ts';
import { supportInformation } from './api-information.ts';
import { supportMessages } from './messages.ts';
import { supportSessions } from './sessions.ts';
import { supportStats } from './stats.ts';
import { supportTokens } from './token.ts';

export async function supportRoutes(app: App, http: Http): Promise<void> {
  supportInformation(app);
  supportTokens(app, http);
  supportSessions(app, http);
  supportMessages(app, http);
  supportStats(app, http);
}
