// Runs in the browser of live-conversation.test.ts: one live conversation of a visitor on the test's own socket server.
/// <reference lib="dom" />
import { Connection } from '../../ui/client/connection.ts';
import { LiveConversation } from '../../ui/client/live-conversation.ts';
import { Outbox } from '../../ui/client/outbox.ts';
import { inMemory } from '../../ui/client/outbox-store.ts';

const states: string[] = [];
const connection = new Connection({
  url: `ws://${location.host}/ws/v1`,
  auth: () => ({ conversation: 'c1', visitorToken: 'the token' }),
  random: () => 0,
});
connection.onState.add((state) => states.push(state.kind));
const outbox = new Outbox({ box: 'c1', store: inMemory(), deliver: async () => ({ kind: 'stored' }) });
const live = new LiveConversation({ connection, conversation: 'c1', side: 'visitor', outbox });
connection.open();
Object.assign(window, { connection, live, states });
