// What the log's servers would keep, kept in memory: shared by as many twins as there are "processes" in a test.
import { StoredCommit } from './commit.ts';
import type { Address, Subjects } from './subjects.ts';

interface Entry {
  readonly address: Address;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** One stream: entries by sequence, and the sequences of each subject in order. */
class Stream {
  readonly entries = new Map<number, Entry>();
  readonly bySubject = new Map<string, number[]>();
  last = 0;
}

export class MemoryServers {
  readonly subjects: Subjects;
  readonly buckets = new Map<string, Map<string, { value: Uint8Array; revision: number }>>();
  readonly objects = new Map<string, Uint8Array>();
  readonly #streams = new Map<string, Stream>();
  readonly #storedListeners = new Set<(commit: StoredCommit) => void>();
  readonly #signalListeners = new Set<(subject: string, text: string) => void>();
  #revision = 0;

  constructor(subjects: Subjects) {
    this.subjects = subjects;
    for (const { name } of subjects.streams()) this.#streams.set(name, new Stream());
  }

  /** The new sequence, or undefined where `expected` is not the last one of the subject. */
  append(address: Address, bytes: Uint8Array, expected: number): number | undefined {
    const stream = this.#stream(address.stream);
    const sequences = stream.bySubject.get(address.subject) ?? [];
    if ((sequences.at(-1) ?? 0) !== expected) return undefined;
    stream.last += 1;
    sequences.push(stream.last);
    stream.bySubject.set(address.subject, sequences);
    stream.entries.set(stream.last, { address, sequence: stream.last, bytes: bytes.slice() });
    for (const hear of [...this.#storedListeners])
      hear(new StoredCommit(address, stream.last, bytes.slice()));
    return stream.last;
  }

  /** Sequences of a subject above `after`, oldest first. */
  sequences(address: Address, after = 0): number[] {
    const all = this.#stream(address.stream).bySubject.get(address.subject) ?? [];
    return all.filter((sequence) => sequence > after);
  }

  at(stream: string, sequence: number): StoredCommit | undefined {
    const entry = this.#stream(stream).entries.get(sequence);
    return entry && new StoredCommit(entry.address, entry.sequence, entry.bytes);
  }

  head(stream: string): number {
    return this.#stream(stream).last;
  }

  remove(address: Address, upTo: number): void {
    const stream = this.#stream(address.stream);
    const all = stream.bySubject.get(address.subject) ?? [];
    for (const sequence of all) if (sequence <= upTo) stream.entries.delete(sequence);
    const left = all.filter((sequence) => sequence > upTo);
    if (left.length > 0) stream.bySubject.set(address.subject, left);
    else stream.bySubject.delete(address.subject);
  }

  nextRevision(): number {
    this.#revision += 1;
    return this.#revision;
  }

  onStored(listener: (commit: StoredCommit) => void): () => void {
    this.#storedListeners.add(listener);
    return () => this.#storedListeners.delete(listener);
  }

  say(subject: string, text: string): void {
    for (const hear of [...this.#signalListeners]) hear(subject, text);
  }

  onSaid(listener: (subject: string, text: string) => void): () => void {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  #stream(name: string): Stream {
    const stream = this.#streams.get(name);
    if (!stream) throw new Error(`there is no stream ${name}`);
    return stream;
  }
}
