// What `GET /` tells programs (seed 002, "API information"): which endpoints and events the document has, and where all of it is described.
import type { App } from '../../../http/context.ts';
import { hidden } from '../../../http/described.ts';
import { INTERFACE_VERSION } from '../../../http/description/openapi.ts';
import { varyBy } from '../../../http/origins.ts';

/** `GET /`: people are led to a page. */
export function supportInformation(app: App): void {
  app.get(
    '/',
    { schema: hidden('leads people to a page, and programs to where the interface is described') },
    async (request, reply) => {
      varyBy(reply, 'Accept');
      if (!/\bapplication\/json\b/.test(request.headers.accept ?? '')) return reply.redirect('/admin');
      return apiInformation();
    },
  );
}

/** Paths as they are called, events as they are sent. */
function apiInformation() {
  return {
    success: true,
    message: 'Natter live chat API',
    version: INTERFACE_VERSION,
    health: '/api/health',
    endpoints: {
      auth: { token: 'POST /api/auth/token' },
      chat: {
        startSession: 'POST /api/chat/start-session',
        getSession: 'GET /api/chat/session/:sessionId',
        endSession: 'POST /api/chat/end-session/:sessionId',
        getMessages: 'GET /api/chat/messages/:sessionId',
        sendMessage: 'POST /api/chat/send-message/:sessionId',
        stats: 'GET /api/chat/stats',
      },
      system: { health: 'GET /api/health', information: 'GET /' },
    },
    socket: {
      path: '/socket.io/',
      clientToServer: ['join_session', 'send_message', 'typing_start', 'typing_stop'],
      serverToClient: [
        'session_joined',
        'new_message',
        'user_joined',
        'user_left',
        'user_typing',
        'session_ended',
      ],
    },
    documentation: { openapi: '/api/openapi.json', reference: '/api/docs', postman: '/api/postman.json' },
  };
}
