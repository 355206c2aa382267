// The door for old shapes: what is stored is never rewritten, so what was written long ago is brought up to today's shape here.

/** The part of a stored event that can change its shape. */
interface Shape {
  readonly type: string;
  readonly data: unknown;
}

/** One step per event type that ever changed its shape. None has yet. */
const steps: Readonly<Record<string, (old: Shape) => Shape>> = {};

/** Brings one stored event up to today's shape. */
export function upcast<Event extends Shape>(event: Event): Event {
  const step = steps[event.type];
  return step ? { ...event, ...step(event) } : event;
}
