// Words between processes on core NATS: not stored, at most once, JSON.
import type { Signals, Subscription } from '../log.ts';
import type { Link } from './link.ts';

export class JetStreamSignals implements Signals {
  readonly #link: Link;
  #malformed = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  get malformed(): number {
    return this.#malformed;
  }

  /** Says it to whoever listens now; to nobody while the connection is down. */
  publish(subject: string, payload: unknown): void {
    if (this.#link.connected) this.#link.connection.publish(subject, JSON.stringify(payload));
  }

  subscribe(subject: string, listener: (payload: unknown, subject: string) => void): Subscription {
    const subscription = this.#link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) return this.#link.onFault(error);
        let payload: unknown;
        try {
          payload = message.json();
        } catch {
          // Not ours to throw over: anybody in the account may say anything. It is counted.
          this.#malformed += 1;
          return;
        }
        try {
          listener(payload, message.subject);
        } catch (fault) {
          this.#link.onFault(fault);
        }
      },
    });
    let ready: Promise<void> | undefined;
    const link = this.#link;
    return {
      get ready() {
        ready ??= link.flush();
        return ready;
      },
      close: () => subscription.unsubscribe(),
    };
  }
}
