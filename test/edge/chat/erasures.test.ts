// What an erasure leaves behind is destroyed, whoever dies in between, and nothing else is.
import { expect, test } from 'vitest';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import { isRefusal, refuse } from '../../../domain/decider.ts';
import type { Log } from '../../../domain/log/log.ts';
import { Snapshots } from '../../../domain/log/snapshots.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import { Erasures } from '../../../edge/chat/erasures.ts';
import { Tokens } from '../../../edge/identity/tokens.ts';
import { Files } from '../../../edge/out/files.ts';
import {
  chat,
  command,
  eventsOf,
  type Process,
  process,
  saying,
  starting,
  WORKSPACE,
} from '../../domain/log/processes.ts';

const actor = { kind: 'system' } as const;
const erasing = () => command({ type: 'EraseConversation', data: { reason: 'asked for' }, actor } as const);
const MINUTE = 60_000;

/** A process that can begin talks, each with a file and a snapshot, and erase them; its clock moves only by `pass` (milliseconds). */
async function office() {
  const edge = process();
  const { storage } = edge;
  let clock = 1_000_000;
  const now = () => clock;
  const tokens = new Tokens('a secret that is only good for tests', { userDays: 1 });
  const files = new Files({ objects: storage.files, tokens, now });
  const snapshots = new Snapshots<Conversation>(storage.snapshots);
  const { log } = storage;
  const intents = storage.reservations;
  const erasures = new Erasures({ log, subjects: log.subjects, files, snapshots, intents, now });

  const talk = async (id: string): Promise<Address> => {
    const address = chat(edge, id);
    await edge.done(starting(), address);
    const attachment = await files.store(WORKSPACE, id, { name: 'a.txt', bytes: Buffer.from('words') });
    if (isRefusal(attachment)) throw new Error(attachment.refused);
    await edge.done(command({ type: 'AddAttachment', data: { attachment }, actor } as const), address);
    await edge.done(saying('a secret'), address);
    const loaded = await edge.aggregates.load(address);
    await snapshots.save(address, { ...loaded, shape: snapshots.shape, commands: [] });
    return address;
  };
  const notes = async () => {
    const keys: string[] = [];
    for await (const key of intents.keys('erasing.>')) keys.push(key);
    return keys;
  };
  /** Everything that is kept of a conversation: its events, whether there is a snapshot, and its files. */
  const kept = async (address: Address) => ({
    events: (await eventsOf(edge, address)).map(({ type }) => type),
    snapshot: (await snapshots.load(address)) !== undefined,
    files: [...storage.servers.objects.keys()].filter((name) => name.includes(address.id)).length,
  });
  /** Stores the erasure, and dies before anything is destroyed. */
  const dieAfterStoring = (address: Address) =>
    erasures
      .around(address, async () => {
        await edge.ask(erasing(), address);
        throw new Error('died');
      })
      .catch((fault: Error) => fault.message);
  return {
    edge,
    erasures,
    talk,
    notes,
    kept,
    dieAfterStoring,
    pass: (ms: number) => {
      clock += ms;
    },
  };
}

const whole = {
  events: ['ConversationStarted', 'AttachmentAdded', 'MessagePosted'],
  snapshot: true,
  files: 1,
};
const gone = { events: ['ConversationErased'], snapshot: false, files: 0 };

test('an erased conversation keeps its last event alone: no words, no snapshot, no file', async () => {
  const { edge, erasures, talk, kept, notes } = await office();
  const address = await talk('chat-1');
  const beside = await talk('chat-2');
  expect(await kept(address)).toEqual(whole);
  const outcome = await erasures.around(address, () => edge.ask(erasing(), address));
  expect(isRefusal(outcome)).toBe(false);
  expect(await kept(address)).toEqual(gone);
  expect(await kept(beside)).toEqual(whole);
  expect(await notes()).toEqual([]);
});

test('whoever dies once the erasure is stored leaves a note, and the worker finishes it', async () => {
  const { erasures, talk, kept, notes, dieAfterStoring, pass } = await office();
  const address = await talk('chat-1');
  expect(await dieAfterStoring(address)).toBe('died');
  expect((await kept(address)).events).toContain('MessagePosted');
  pass(MINUTE);
  expect(await erasures.repair()).toBe(1);
  expect(await kept(address)).toEqual(gone);
  expect(await notes()).toEqual([]);
  expect(await erasures.repair()).toBe(0);
});

test('a note is left alone while whoever wrote it may still be at work', async () => {
  const { erasures, talk, notes, dieAfterStoring, pass } = await office();
  await dieAfterStoring(await talk('chat-1'));
  pass(5_000);
  expect(await erasures.repair()).toBe(0);
  expect(await notes()).toHaveLength(1);
});

test('a refused erasure destroys nothing and leaves no note', async () => {
  const { erasures, talk, kept, notes } = await office();
  const address = await talk('chat-1');
  expect(await erasures.around(address, async () => refuse('busy'))).toEqual({ refused: 'busy' });
  expect(await kept(address)).toEqual(whole);
  expect(await notes()).toEqual([]);
});

test('where nobody knows whether the erasure was stored the note stays, for it may yet be', async () => {
  const { edge, erasures, talk, kept, notes, pass } = await office();
  const address = await talk('chat-1');
  expect(await erasures.around(address, async () => refuse('unavailable'))).toEqual({
    refused: 'unavailable',
  });
  expect(await notes()).toHaveLength(1);
  await edge.ask(erasing(), address);
  pass(MINUTE);
  expect(await erasures.repair()).toBe(1);
  expect(await kept(address)).toEqual(gone);
});

test('one erasure that cannot be finished holds up no other, and is said', async () => {
  const { edge, erasures, talk, kept, notes, dieAfterStoring, pass } = await office();
  const stuck = await talk('chat-1');
  const next = await talk('chat-2');
  await dieAfterStoring(stuck);
  await dieAfterStoring(next);
  pass(MINUTE);
  const letErase = refuseToErase(edge, stuck);
  await expect(erasures.repair()).rejects.toThrow('1 erasures are still unfinished');
  expect(await kept(next)).toEqual(gone);
  expect(await notes()).toHaveLength(1);
  letErase();
  expect(await erasures.repair()).toBe(1);
  expect(await kept(stuck)).toEqual(gone);
});

/** The log's server fails whenever that conversation is to be overwritten, until told otherwise. */
function refuseToErase({ storage }: Process, address: Address): () => void {
  const log: Log = storage.log;
  const erase = log.erase.bind(log);
  log.erase = async (what, upTo) => {
    if (what.subject === address.subject) throw new Error('the disk is full');
    return erase(what, upTo);
  };
  return () => {
    log.erase = erase;
  };
}
