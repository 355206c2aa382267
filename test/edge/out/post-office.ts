// Businesses with webhooks over a real log, and the worker's sender as a part of this process, for tests.
import { v7 } from 'uuid';
import { type Assembled, assemble } from '../../../cmd/wiring/assemble.ts';
import { isRefusal } from '../../../domain/decider.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../../domain/log/log.ts';
import type { Asked } from '../../../edge/chat/requests.ts';
import type { UserPrincipal } from '../../../edge/identity/principals.ts';
import { Bodies } from '../../../edge/out/webhooks/bodies.ts';
import type { Reach } from '../../../edge/out/webhooks/connector.ts';
import { Sender } from '../../../edge/out/webhooks/sender.ts';
import { startTestNats } from '../../parts/nats.ts';

export interface Business {
  readonly workspace: string;
  readonly admin: UserPrincipal;
  /** Sets address and switch; throws where that is refused. */
  hook(url: string, enabled?: boolean): Promise<void>;
  /** Starts a conversation and answers its id. */
  talk(id?: string): Promise<string>;
  say(conversation: string, text: string): Promise<void>;
  /** The visitor says who they are. */
  introduce(conversation: string, name: string): Promise<void>;
  shown(): ReturnType<Assembled['webhooks']['show']>;
}

export interface PostOffice {
  readonly parts: Assembled;
  readonly storage: Storage;
  readonly faults: unknown[];
  found(name: string): Promise<Business>;
  /** A sender as the worker has it, by the clock or by another one (milliseconds since 1970); the caller closes it. */
  send(now?: () => number): Sender;
  close(): Promise<void>;
}

/** A log of its own and one process on it. Loopback may be reached unless `reach` says otherwise. */
export async function openPostOffice(reach: Reach = { allowPrivate: true }): Promise<PostOffice> {
  const nats = await startTestNats('newest', { syncAlways: false });
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => void faults.push(fault);
  const { url, user, password } = nats;
  const storage = await connectStorage({ url, user, password, name: 'test-worker', onFault });
  const parts = await assemble({
    storage,
    jwtSecret: 'a secret that is only good for tests',
    sessionDays: 7,
    signup: 'open',
    production: false,
    reach,
    onFault,
  });
  return {
    parts,
    storage,
    faults,
    found: (name) => found(parts, name),
    send: (now = parts.now) =>
      new Sender({
        ...parts,
        now,
        log: storage.log,
        bodies: new Bodies(storage.log, parts.snapshots),
        newCommand: () => v7(),
        chance: () => Math.random(),
        retire: (webhook) => parts.webhooks.retire(webhook),
        onFault,
      }),
    async close() {
      await parts.close();
      await storage.close();
      await nats.stop();
    },
  };
}

async function found(parts: Assembled, name: string): Promise<Business> {
  const made = await parts.accounts.found(
    { username: name, fullName: name, email: `${name}-${v7()}@example.com`, password: 'a-good-password' },
    name,
  );
  if (isRefusal(made)) throw new Error(made.refused);
  const { workspace } = made.user;
  const admin: UserPrincipal = { kind: 'user', workspace, user: made.user };
  const widget = parts.directory.defaultWidget(workspace);
  if (!widget) throw new Error('a business without a widget');
  const ask = async (conversation: string, asked: Asked) => {
    const visitor = { kind: 'visitor' as const, workspace, conversation, proven: true };
    const done = await parts.desk.ask(visitor, conversation, asked);
    if (isRefusal(done)) throw new Error(done.refused);
  };
  return {
    workspace,
    admin,
    async hook(url, enabled = true) {
      const set = await parts.webhooks.set({ url, enabled }, admin);
      if (isRefusal(set)) throw new Error(set.refused);
    },
    async talk(id) {
      const opened = await parts.desk.start({
        widget,
        id,
        visitor: { id: '2', name: 'Vitaliy Kaplia', email: 'vitalii.kaplia@gmail.com' },
        origin: {
          ip: '31.43.52.185',
          place: { country: 'Ukraine', region: 'Kyiv Oblast', city: 'Olenivka' },
          userAgent:
            'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
        },
      });
      if (isRefusal(opened)) throw new Error(opened.refused);
      return opened.conversation;
    },
    say: (conversation, text) => ask(conversation, { type: 'PostMessage', data: { text } }),
    introduce: (conversation, name) =>
      ask(conversation, { type: 'IdentifyVisitor', data: { visitor: { name } } }),
    shown: () => parts.webhooks.show(workspace),
  };
}
