// The log's contract on the oldest nats-server it stands on: Debian's.
import { describe } from 'vitest';
import { hasNats } from '../../parts/nats.ts';
import { startJetStream } from './jetstream.ts';
import { logContract } from './log-contract.ts';

describe.skipIf(!hasNats('debian'))("the log on JetStream, Debian's", () =>
  logContract(() => startJetStream('debian')),
);
