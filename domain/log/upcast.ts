// The door for old shapes: what is stored is never rewritten, so what was written long ago is brought up to today's shape here.
import type { StoredEvent } from './commit.ts';

/** One step per event type that ever changed its shape. None has yet. */
const steps: Readonly<Record<string, (event: StoredEvent) => StoredEvent>> = {};

/** Brings one stored event up to today's shape. */
export function upcast(event: StoredEvent): StoredEvent {
  const step = steps[event.type];
  return step ? step(event) : event;
}
