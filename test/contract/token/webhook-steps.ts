// The token document's last part, "Receiving Messages (Webhook)", sentence by sentence: an edge, the worker's sender, and a script that takes what is posted.
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bodies } from '../../../edge/out/webhooks/bodies.ts';
import { Sender } from '../../../edge/out/webhooks/sender.ts';
import { ask, type Door, openDoor, register, type Servers } from '../../edge/http/door.ts';
import { type Received, type Receiver, startReceiver } from '../../edge/out/receiver.ts';

/** The document's example payload. */
const EXAMPLE = {
  session_data: [
    {
      session_id: 'user_am6ysq',
      metadata: {
        user_session: 'Ukraine, Kyiv Oblast, Olenivka (31.43.52.185), Mac, Google Chrome',
        user_id: '2',
        user_name: 'Vitaliy Kaplia',
        user_email: 'vitalii.kaplia@gmail.com',
      },
      updated_at: '2025-11-27 06:35:27',
    },
  ],
  message_text: 'Hello, I have a question about my order!',
};

/** What a CDN in front tells of the document's own visitor. */
const VITALIY = {
  'user-agent':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'x-forwarded-for': '31.43.52.185',
  'cf-ipcountry': 'UA',
  'cf-region': 'Kyiv Oblast',
  'cf-ipcity': 'Olenivka',
};

/** What the document's PHP handler makes of a body, access by access. */
function handler(json: string): { logEntry?: string; answer: object; status: number } {
  const data = JSON.parse(json);
  if (!data || data.message_text === undefined || data.message_text === null)
    return { answer: { status: 'error', message: 'Invalid data' }, status: 400 };
  const message = data.message_text;
  const sessionInfo = data.session_data[0];
  const userId = sessionInfo.metadata.user_id ?? 'Guest';
  const userName = sessionInfo.metadata.user_name ?? 'Unknown';
  return {
    logEntry: `User ${userName} (${userId}) wrote: ${message}\n`,
    answer: { status: 'received' },
    status: 200,
  };
}

/** The sentences; `servers` are there once the tests run. */
export function webhookSentences(servers: () => Servers): void {
  describe('Receiving Messages (Webhook)', () => {
    let door: Door;
    let sender: Sender;
    let script: Receiver;
    let admin: string;
    let siteKey: string;
    const faults: unknown[] = [];

    beforeAll(async () => {
      door = await openDoor(servers(), { trustProxy: 1, reach: { allowPrivate: true } });
      script = await startReceiver();
      ({ token: admin } = await register(door.url, `webhook-${v7()}`));
      const widgets = await ask(door.url, 'GET', '/api/widgets', { token: admin });
      siteKey = widgets.body.data.widgets[0].site_key;
      const { parts, storage } = door;
      sender = new Sender({
        ...parts,
        log: storage.log,
        bodies: new Bodies(storage.log, parts.snapshots),
        newCommand: () => v7(),
        chance: () => 0.5,
        retire: (webhook) => parts.webhooks.retire(webhook),
        onFault: (fault) => faults.push(fault),
      });
    });
    afterAll(async () => {
      await sender?.close();
      await script?.close();
      await door?.close();
      expect(faults).toEqual([]);
    });

    const configure = (enabled: boolean) =>
      ask(door.url, 'PUT', '/api/workspace/webhook', { token: admin, json: { url: script.url, enabled } });

    async function visit(
      visitor?: object,
    ): Promise<{ conversation: string; say(text: string): Promise<void> }> {
      const { status, body } = await ask(door.url, 'POST', '/api/conversations', {
        json: { siteKey, command: v7(), visitor },
        headers: VITALIY,
      });
      expect(status).toBe(201);
      const { conversation, visitorToken } = body;
      return {
        conversation,
        async say(text) {
          const path = `/api/live-chat/sessions/${conversation}/messages`;
          const headers = { 'x-visitor-token': visitorToken };
          const said = await ask(door.url, 'POST', path, { json: { content: text }, headers });
          expect(said.status).toBe(201);
        },
      };
    }

    async function next(work: () => Promise<void>): Promise<Received> {
      const { length } = script.taken;
      await work();
      await script.takes(length + 1);
      const [one] = script.taken.slice(length);
      if (!one) throw new Error('nothing was received');
      return one;
    }

    test('4. How to Configure: the full URL of the handler script, "Enable sending", "Save"', async () => {
      const { status, body } = await configure(true);
      expect(status).toBe(200);
      expect(body.data.webhook).toMatchObject({ url: script.url, enabled: true, last: null });
      const shown = await ask(door.url, 'GET', '/api/workspace/webhook', { token: admin });
      expect(shown.body).toEqual(body);
    });

    test('1. Request Details: a POST with Content-Type application/json, fired immediately when a message is received', async () => {
      const visitor = await visit({ id: '2', name: 'Vitaliy Kaplia', email: 'vitalii.kaplia@gmail.com' });
      const took: number[] = [];
      const tell = async () => {
        const said = Date.now();
        const received = await next(() => visitor.say(EXAMPLE.message_text));
        took.push(received.at - said);
        return received;
      };
      const { method, headers, url } = await tell();
      await tell();
      await tell();
      expect(method).toBe('POST');
      expect(headers['content-type']).toBe('application/json');
      expect(url).toBe('/api/chat-webhook.php');
      // The quickest of three: what else this machine does is not the sender's doing.
      expect(Math.min(...took)).toBeLessThan(1_000);
    });

    test('2. Request Body: the example payload, field by field', async () => {
      const visitor = await visit({ id: '2', name: 'Vitaliy Kaplia', email: 'vitalii.kaplia@gmail.com' });
      const before = Math.floor(Date.now() / 1_000) * 1_000;
      const { body: sent } = await next(() => visitor.say(EXAMPLE.message_text));
      const body = JSON.parse(sent);
      const [session] = body.session_data;
      expect(session.updated_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      const updated = Date.parse(`${session.updated_at.replace(' ', 'T')}Z`);
      expect(updated).toBeGreaterThanOrEqual(before);
      expect(updated).toBeLessThanOrEqual(Date.now());
      const { updated_at } = session;
      expect(body).toEqual({
        ...EXAMPLE,
        session_data: [{ ...EXAMPLE.session_data[0], session_id: visitor.conversation, updated_at }],
      });
      // To the letter: nothing more, and in the document's order.
      expect(sent).toBe(
        JSON.stringify({
          ...EXAMPLE,
          session_data: [{ ...EXAMPLE.session_data[0], session_id: visitor.conversation, updated_at }],
        }),
      );
    });

    test('3. PHP Handler Example: every field that it looks at is there, for a user who is known and for a guest', async () => {
      const known = await visit({ id: '2', name: 'Vitaliy Kaplia', email: 'vitalii.kaplia@gmail.com' });
      const told = handler((await next(() => known.say('Привіт! 🚀 "quoted"\nand more'))).body);
      expect(told).toEqual({
        logEntry: 'User Vitaliy Kaplia (2) wrote: Привіт! 🚀 "quoted"\nand more\n',
        answer: { status: 'received' },
        status: 200,
      });
      const guest = await visit();
      const { logEntry } = handler((await next(() => guest.say('Hello'))).body);
      expect(logEntry).toBe('User Unknown (Guest) wrote: Hello\n');
    });

    test('whenever a user sends a message, in whichever dialect; what the team sends fires nothing', async () => {
      const visitor = await visit({ name: 'Vitaliy' });
      const made = await ask(door.url, 'POST', '/api/workspace/api-token', { token: admin });
      const { token } = made.body.data;
      const sent = await ask(door.url, 'POST', '/?send-message-to-chat-api=true', {
        json: { token, targetId: visitor.conversation, message: 'from the team' },
      });
      expect(sent.body).toEqual({ status: 'success', sent_to: visitor.conversation });
      const first = await next(() => visitor.say('from the visitor'));
      expect(first.text).toBe('from the visitor');
      // The session is the same that the list of chats shows at that moment.
      const query = `/?get-all-chats-api=true&token=${token}`;
      const inList = async () => {
        const { body: all } = await ask(door.url, 'GET', query);
        return all.find((each: { session_id: string }) => each.session_id === visitor.conversation);
      };
      await expect.poll(inList, { timeout: 5_000 }).toEqual(JSON.parse(first.body).session_data[0]);
    });

    test('a message that is a file and nothing else has its name for a text', async () => {
      const visitor = await visit();
      const form = new FormData();
      form.append('attachments', new Blob(['a receipt'], { type: 'text/plain' }), 'receipt.txt');
      const path = `/api/live-chat/sessions/${visitor.conversation}/messages`;
      const received = await next(async () => {
        expect((await ask(door.url, 'POST', path, { form })).status).toBe(201);
      });
      expect(JSON.parse(received.body).message_text).toBe('receipt.txt');
      expect(handler(received.body).status).toBe(200);
    });

    test('the box unchecked ends it', async () => {
      const visitor = await visit();
      expect((await configure(false)).body.data.webhook.enabled).toBe(false);
      const { length } = script.received;
      await visitor.say('not for the script');
      await configure(true);
      const heard = await next(() => visitor.say('for the script'));
      expect(heard.text).toBe('for the script');
      expect(script.received.slice(length)).toHaveLength(1);
    });
  });
}
