// Runs in the browser of outbox.test.ts: an outbox whose deliveries go to the test's own small server.
/// <reference lib="dom" />
import { Outbox } from '../../ui/client/outbox.ts';
import { openOutboxStore, type StoredMessage } from '../../ui/client/outbox-store.ts';

async function deliver(message: StoredMessage) {
  const names = message.files.map((file) => file.name);
  const contents = await Promise.all(message.files.map((file) => file.blob.text()));
  const response = await fetch('/deliver', {
    method: 'POST',
    body: JSON.stringify({ command: message.command, text: message.text, names, contents }),
  });
  const answer = (await response.json()) as { refused?: string; busy?: boolean };
  if (answer.refused) return { kind: 'refused', message: answer.refused } as const;
  return answer.busy ? ({ kind: 'retry', afterMs: 50 } as const) : ({ kind: 'stored' } as const);
}

const store = openOutboxStore();
const outbox = new Outbox({ box: 'test', store, deliver });
await outbox.start();
Object.assign(window, { outbox, boxes: (prefix: string) => store.boxes(prefix) });
document.title = 'ready';
