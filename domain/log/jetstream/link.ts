// The one connection to the servers: whether it stands, what befell it, and the questions asked over it.
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Disturbance } from '../log.ts';
import { LogUnreachable } from '../log-unreachable.ts';
import { Replies } from './replies.ts';

/** Milliseconds the server has for one answer. */
export const ANSWER_MS = 5_000;

/** A connection with what this room adds to it: its state, its disturbances, cheap questions, shared flushes. */
export class Link {
  readonly connection: NatsConnection;
  readonly replies: Replies;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly onFault: (fault: unknown) => void;
  /** From 2.11 on one question brings many messages. */
  readonly batchedGets: boolean;
  readonly version: string;
  #connected = true;
  #closed = false;
  #listeners = new Set<(what: Disturbance) => void>();
  #flushing: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  private constructor(connection: NatsConnection, jsm: JetStreamManager, onFault: (fault: unknown) => void) {
    this.connection = connection;
    this.js = jetstream(connection, { timeout: ANSWER_MS });
    this.jsm = jsm;
    this.onFault = onFault;
    this.version = connection.info?.version ?? '0.0.0';
    const [major = 0, minor = 0] = this.version.split('.').map(Number);
    this.batchedGets = major > 2 || (major === 2 && minor >= 11);
    this.replies = new Replies(connection, () => this.connected, ANSWER_MS);
    this.#watchState().catch(onFault);
    this.#watchLeaders();
  }

  /** Throws where JetStream is not enabled for the account. */
  static async over(connection: NatsConnection, onFault: (fault: unknown) => void): Promise<Link> {
    return new Link(connection, await jetstreamManager(connection, { timeout: ANSWER_MS }), onFault);
  }

  get connected(): boolean {
    return this.#connected && !this.#closed && !this.connection.isClosed();
  }

  /** Throws LogUnreachable while the connection is down: the client would buffer without bound. */
  assertConnected(): void {
    if (!this.connected) throw new LogUnreachable();
  }

  onDisturbance(listener: (what: Disturbance) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Settles once the server has seen everything sent before the call; also over a reconnect, which
   * repeats all subscriptions. Many calls at once share one round trip. Rejects once closed.
   */
  flush(): Promise<void> {
    if (!this.#flushing) {
      this.#flushing = this.#flushOnce().finally(() => {
        this.#flushing = undefined;
      });
      return this.#flushing;
    }
    const next = (): Promise<void> => {
      this.#queued = undefined;
      return this.flush();
    };
    this.#queued ??= this.#flushing.then(next, next);
    return this.#queued;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.replies.close();
    this.#listeners.clear();
    await this.connection.close();
  }

  async #flushOnce(): Promise<void> {
    for (;;) {
      // A turn later, so that whatever is subscribed in this one is covered by the same round trip.
      await Promise.resolve();
      try {
        await this.connection.flush();
        return;
      } catch (error) {
        if (this.#closed || this.connection.isClosed()) throw error;
        await this.#reconnected();
      }
    }
  }

  /** Settles with the next reconnect, or after a moment where there was one already. */
  #reconnected(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(done, 250);
      const stop = this.onDisturbance((what) => what === 'reconnected' && done());
    });
  }

  async #watchState(): Promise<void> {
    for await (const status of this.connection.status()) {
      switch (status.type) {
        case 'disconnect':
          if (!this.#connected) break;
          this.#connected = false;
          this.replies.failAll('disconnected');
          this.#tell('disconnected');
          break;
        case 'reconnect':
          this.#connected = true;
          this.#tell('reconnected');
          break;
        case 'slowConsumer':
          this.#tell('slow-consumer');
          break;
        case 'error':
          this.onFault(status.error);
          break;
        default:
      }
    }
  }

  #watchLeaders(): void {
    this.connection.subscribe('$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.*', {
      callback: (error) => {
        if (error) this.onFault(error);
        else this.#tell('leader-changed');
      },
    });
  }

  #tell(what: Disturbance): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(what);
      } catch (fault) {
        this.onFault(fault);
      }
    }
  }
}
