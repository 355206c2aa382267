// Runs in the browser of message-list.test.ts: the transcript alone, in a box of fixed height.
/// <reference lib="dom" />
import type { Line } from '../../ui/client/conversation-view.ts';
import { MessageList } from '../../ui/parts/message-list.ts';

const list = new MessageList();
document.body.style.cssText = 'display: flex; flex-direction: column; height: 500px; margin: 0';
document.body.append(list);
const lineOf = (text: string, version: number): Line => ({
  kind: 'message',
  version,
  at: '2026-01-01T12:00:00Z',
  text,
  attachments: [],
  author: { kind: version % 2 ? 'visitor' : 'agent', name: version % 2 ? undefined : 'Jane' },
});
Object.assign(window, {
  list,
  async show(texts: readonly string[]) {
    list.lines = texts.map((text, index) => lineOf(text, index + 1));
    await list.updateComplete;
  },
});
