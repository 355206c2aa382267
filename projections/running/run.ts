// Runs units of one stream from one ordered reader: as fast as the log can be read, gently once there is little to do.
import type { Log } from '../../domain/log/log.ts';
import { Batch } from './batch.ts';
import { Intake } from './intake.ts';
import { Pace } from './pace.ts';
import { Poisoned, type Unit } from './unit.ts';

export interface Run {
  readonly log: Log;
  /** Units of one and the same stream, whose locks the caller holds. */
  readonly units: readonly Unit[];
  /** Ends the run after the batch in hand. */
  readonly signal: AbortSignal;
  /** Goes on beyond the head until `signal` aborts; else ends at the head at the time of asking. */
  readonly follow: boolean;
  /** How it rests between batches while it follows. */
  readonly pace?: Pace;
  /** Stops exactly at this sequence. */
  readonly upTo?: number;
  /** A batch is stored. */
  readonly onApplied?: (unit: Unit, events: number) => void;
  /** A unit has stopped for good; the others go on. */
  readonly onPoisoned: (unit: Unit, fault: Poisoned) => void;
}

/** Reads the stream once and applies it to every unit, each in its own transactions. Throws what may pass. */
export async function run({
  log,
  units,
  signal,
  follow,
  pace = new Pace(),
  upTo,
  onApplied,
  onPoisoned,
}: Run): Promise<void> {
  const stream = units[0]?.stream;
  if (stream === undefined) return;
  const after = Math.min(...units.map(({ sequence }) => sequence));
  if (upTo !== undefined && after >= upTo) return;
  const stopped = new AbortController();
  const both = AbortSignal.any([signal, stopped.signal]);
  const intake = new Intake();
  const end = () => intake.end();
  both.addEventListener('abort', end, { once: true });
  const reading = intake.fill(log.readStream(stream.name, after, { follow, signal: both, batch: 1_000 }));
  try {
    let running = [...units];
    while (!signal.aborted && running.length > 0) {
      await intake.some();
      const began = performance.now();
      const taken = intake.take();
      const batch = upTo === undefined ? new Batch(taken) : new Batch(taken).upTo(upTo);
      if (batch.commits.length > 0) running = await applyToAll(running, batch, { onApplied, onPoisoned });
      if (taken.length === 0 && intake.ended) return;
      if (upTo !== undefined && batch.commits.length < taken.length) return;
      if (follow && !intake.full) await pace.rest(began, both);
    }
  } finally {
    stopped.abort();
    await reading;
  }
}

async function applyToAll(
  units: readonly Unit[],
  batch: Batch,
  { onApplied, onPoisoned }: Pick<Run, 'onApplied' | 'onPoisoned'>,
): Promise<Unit[]> {
  const results = await Promise.allSettled(
    units.map(async (unit) => {
      const before = unit.sequence;
      await unit.apply(batch);
      if (unit.sequence === before) return;
      onApplied?.(unit, batch.above(before).events);
    }),
  );
  const well: Unit[] = [];
  let passing: { fault: unknown } | undefined;
  for (const [index, result] of results.entries()) {
    const unit = units[index];
    if (unit === undefined) continue;
    if (result.status === 'fulfilled') well.push(unit);
    else if (result.reason instanceof Poisoned) onPoisoned(unit, result.reason);
    else passing ??= { fault: result.reason };
  }
  if (passing) throw passing.fault;
  return well;
}
