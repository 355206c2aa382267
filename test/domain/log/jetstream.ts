// The log on a real nats-server for a test: a server of its own, and as many processes on it as are asked for.
import { connectStorage, type StorageOptions } from '../../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../../domain/log/log.ts';
import { type NatsVersion, startTestNats, type TestNats } from '../../parts/nats.ts';
import type { Kept } from './log-contract.ts';

export interface KeptOnJetStream extends Kept {
  readonly nats: TestNats;
  /** Faults that belonged to no call. */
  readonly faults: unknown[];
  open(options?: Partial<StorageOptions>): Promise<Storage>;
}

export async function startJetStream(version: NatsVersion): Promise<KeptOnJetStream> {
  const nats = await startTestNats(version, { syncAlways: false });
  const faults: unknown[] = [];
  return {
    nats,
    faults,
    open: (options) =>
      connectStorage({
        url: nats.url,
        user: nats.user,
        password: nats.password,
        name: 'test',
        onFault: (fault) => faults.push(fault),
        ...options,
      }),
    end: () => nats.stop(),
  };
}
