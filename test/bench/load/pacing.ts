// Says when to send, whatever the system under test does: a thread of its own that counts milliseconds.
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { nowMs } from './clock.ts';

interface PacerData {
  readonly stop: Int32Array<SharedArrayBuffer>;
}

/** A stretch of load: so many messages a second, for so many seconds. */
export interface Stretch {
  readonly rate: number;
  readonly seconds: number;
}

/**
 * Calls `send` for each message with the moment it is meant to leave. Open loop: a moment never waits for an
 * answer, and one that comes late keeps its own time, so that a stall shows in every message it delays.
 * Messages of one millisecond leave together.
 */
export function paced(
  { rate, seconds }: Stretch,
  send: (index: number, intended: number) => void,
): Promise<void> {
  const total = Math.round(rate * seconds);
  const data: PacerData = { stop: new Int32Array(new SharedArrayBuffer(4)) };
  const pacer = new Worker(new URL(import.meta.url), { workerData: data });
  let sent = 0;
  let first: number | undefined;
  return new Promise((resolve, reject) => {
    pacer.on('error', reject);
    pacer.on('message', (moment: number) => {
      first ??= moment;
      const due = Math.min(total, Math.floor(((moment - first + 1) * rate) / 1_000));
      while (sent < due) send(sent++, moment);
      if (sent < total) return;
      Atomics.store(data.stop, 0, 1);
      Atomics.notify(data.stop, 0);
      pacer.removeAllListeners('message');
      pacer.once('exit', () => resolve());
    });
  });
}

/** The thread's part: a word each millisecond, with the moment it stands for. */
export function keepPace(): void {
  const { stop } = workerData as PacerData;
  for (let moment = nowMs() + 5; Atomics.load(stop, 0) === 0; moment += 1) {
    const left = moment - nowMs();
    if (left > 0) Atomics.wait(stop, 0, 0, left);
    parentPort?.postMessage(moment);
  }
}
