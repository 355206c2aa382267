// The log's contract on the newest nats-server.
import { describe } from 'vitest';
import { startJetStream } from './jetstream.ts';
import { logContract } from './log-contract.ts';

describe('the log on JetStream, newest', () => logContract(() => startJetStream('newest')));
