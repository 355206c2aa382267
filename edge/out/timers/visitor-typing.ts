// Whether a visitor is writing at this very moment: nobody is closed in the middle of a sentence that only their browser knows of.
import type { Signals } from '../../../domain/log/log.ts';
import { type Address, signalOf } from '../../../domain/log/subjects.ts';
import { signal } from '../../chat/signals.ts';

/** Milliseconds. */
export interface Patience {
  /** How long it is listened: whoever types says so anew every 3 s. */
  readonly listen: number;
  /** How long a pause in typing may be. */
  readonly pause: number;
  /** After which it is believed no longer that whoever types will send something. */
  readonly most: number;
}

export const PATIENCE: Patience = { listen: 4_000, pause: 15_000, most: 600_000 };

/** Settles once the visitor of that conversation does not type; whoever must not wait for it calls what stands in `listening` meanwhile. */
export function untilQuiet(
  signals: Signals,
  { workspace, id }: Pick<Address, 'workspace' | 'id'>,
  listening: Set<() => void>,
  { listen, pause, most }: Patience = PATIENCE,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(quiet);
      clearTimeout(late);
      subscription.close();
      listening.delete(end);
      resolve();
    };
    let quiet = setTimeout(end, listen);
    const late = setTimeout(end, most);
    const subscription = signals.subscribe(signalOf(workspace, id), (payload) => {
      const heard = signal.safeParse(payload).data;
      if (heard?.type !== 'typing' || heard.from !== 'visitor') return;
      clearTimeout(quiet);
      quiet = setTimeout(end, heard.isTyping ? pause : listen);
    });
    listening.add(end);
  });
}
