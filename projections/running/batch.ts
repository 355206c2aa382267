// Commits of one stream on their way into read models: looked into once, for all projections that read them.
import type { RecordedEvent, StoredCommit } from '../../domain/log/commit.ts';
import { conversationsIn, type History, historiesIn, type PlacedConversationEvent } from './histories.ts';

export class Batch {
  readonly commits: readonly StoredCommit[];
  #aggregates: readonly History<RecordedEvent>[] | undefined;

  constructor(commits: readonly StoredCommit[]) {
    this.commits = commits;
  }

  /** Sequence of the last commit; 0 where there is none. */
  get last(): number {
    return this.commits.at(-1)?.sequence ?? 0;
  }

  /** How many events there are. */
  get events(): number {
    return this.commits.reduce((sum, { commit }) => sum + commit.events.length, 0);
  }

  /** What happened to each aggregate, whatever its kind. */
  get aggregates(): readonly History<RecordedEvent>[] {
    this.#aggregates ??= historiesIn(this.commits);
    return this.#aggregates;
  }

  /** What happened to each conversation; of a CHAT stream. */
  get conversations(): readonly History<PlacedConversationEvent>[] {
    return conversationsIn(this.aggregates);
  }

  /** The part above a sequence: this very batch where that is all of it. */
  above(sequence: number): Batch {
    const [first] = this.commits;
    if (first === undefined || first.sequence > sequence) return this;
    return new Batch(this.commits.filter((commit) => commit.sequence > sequence));
  }

  /** The part up to and with a sequence. */
  upTo(sequence: number): Batch {
    return this.last <= sequence
      ? this
      : new Batch(this.commits.filter((commit) => commit.sequence <= sequence));
  }

  halves(): [Batch, Batch] {
    const half = this.commits.length >> 1;
    return [new Batch(this.commits.slice(0, half)), new Batch(this.commits.slice(half))];
  }
}
