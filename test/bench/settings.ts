// What a bench run measures, from its command line.
import { tmpdir } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';

export const PARTS = ['latency', 'memory', 'rebuild', 'http', 'ai', 'queue', 'routing'] as const;
export type Part = (typeof PARTS)[number];

export const SYSTEMS = ['natter', 'peer', 'lean'] as const;
export type SystemName = (typeof SYSTEMS)[number];

export interface BenchSettings {
  /** `lean`: the peer with the insert alone, for latency. */
  readonly systems: readonly SystemName[];
  readonly parts: readonly Part[];
  readonly rates: readonly number[];
  readonly conversations: number;
  readonly agents: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly sockets: number;
  readonly settleSeconds: number;
  readonly events: number;
  readonly sessions: number;
  readonly requests: number;
  readonly questions: number;
  readonly questionRate: number;
  readonly waiting: number;
  readonly changes: number;
  readonly team: number;
  readonly visitorsAnHour: number;
  readonly speed: number;
  readonly simulatedSeconds: number;
  readonly seed: number;
  readonly edges: number;
  readonly clientLibrary: boolean;
  readonly data: string;
}

const FULL = {
  seconds: 20,
  warmUpSeconds: 8,
  sockets: 10_000,
  settleSeconds: 15,
  events: 200_000,
  sessions: 20_000,
  questions: 400,
  waiting: 2_000,
  changes: 10,
  simulatedSeconds: 120,
};
const QUICK = {
  seconds: 5,
  warmUpSeconds: 4,
  sockets: 2_000,
  settleSeconds: 5,
  events: 20_000,
  sessions: 2_000,
  questions: 100,
  waiting: 500,
  changes: 5,
  simulatedSeconds: 40,
};

/** Reads the arguments; unusable ones end the program with one line. */
export function readBenchSettings(argv: readonly string[]): BenchSettings {
  const command = new Command('bench')
    .description('Measures Natter beside a peer built as the documents describe. Linux only.')
    .option('--quick', 'shorter and smaller: for a look, not for figures to keep')
    .option('--only <parts>', `of ${PARTS.join(', ')}, separated by commas`, oneOrMoreOf(PARTS))
    .option('--systems <names>', `of ${SYSTEMS.join(', ')}`, oneOrMoreOf(SYSTEMS))
    .option('--rates <list>', 'messages a second', wholes, [500, 2_000, 4_000])
    .option('--seconds <n>', 'at each rate', whole)
    .option('--sockets <n>', 'idle sockets for the memory part, up to 18000', whole)
    .option('--events <n>', 'events in the log for the rebuild part', whole)
    .option('--sessions <n>', 'sessions in the lists for the http part', whole)
    .option('--requests <n>', 'requests a second in the http part', whole, 50)
    .option('--questions <n>', 'questions to the AI in the ai part', whole)
    .option('--question-rate <n>', 'questions a second', whole, 10)
    .option('--waiting <n>', 'visitors who wait in the queue part', whole)
    .option('--changes <n>', 'visitors taken from the front in the queue part, one every 2 s', whole)
    .option('--team <n>', 'agents in the routing part', whole, 200)
    .option('--visitors-an-hour <n>', 'visitors who come in the routing part', whole, 5_000)
    .option('--speed <n>', 'so many times faster is everything in the routing part', whole, 5)
    .option('--simulated-seconds <n>', 'how long the routing part goes on with a busy team', whole)
    .option('--seed <n>', 'of all that chance decides in the routing part', whole, 20_261_128)
    .option('--conversations <n>', 'conversations with a visitor each', whole, 500)
    .option('--agents <n>', 'agents, who share the conversations', whole, 50)
    .option('--edges <n>', 'edge processes of Natter', whole, 1)
    .option('--client-library', 'speak with the peer through its client library instead of a bare socket')
    .option('--data <directory>', 'where the data of a run lies meanwhile', tmpdir());
  const given = command.parse(argv, { from: 'user' }).opts();
  const size = given.quick ? QUICK : FULL;
  return {
    ...size,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    parts: given.only ?? PARTS,
    systems: given.systems ?? SYSTEMS,
  } as BenchSettings; // Commander's options are untyped; the parsers above have checked each.
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

const wholes = (text: string): number[] => text.split(',').map(whole);

const oneOrMoreOf =
  <Name extends string>(known: readonly Name[]) =>
  (text: string): Name[] =>
    text.split(',').map((word) => {
      const name = known.find((one) => one === word.trim());
      if (!name) throw new InvalidArgumentError(`There are ${known.join(', ')}.`);
      return name;
    });
