// Bad requests to every route there is, made from its own schemas: the documented refusal in one clear sentence, and nothing half done.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Prepared } from '../description/carry-out.ts';
import { caughtUp } from '../edge/http/door.ts';
import {
  anything,
  described,
  type Mutation,
  mutationsOf,
  several,
  slotsOf,
  textMutations,
} from './mutations.ts';
import { asItIs, type Sent } from './sent.ts';
import { Stage, type Subject } from './stage.ts';
import { Trial } from './trial.ts';

/** Requests per route from a seed that is always the same, and from one that never is. `BAD_INPUT_RUNS=all`: all there are. */
const RUNS =
  process.env.BAD_INPUT_RUNS === 'all' ? Number.POSITIVE_INFINITY : Number(process.env.BAD_INPUT_RUNS ?? 25);
const RANDOM_RUNS = 6;
const SEED = 20_261_121;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
}, 120_000);

afterAll(async () => {
  await stage?.close();
});

test('every route says what it takes and shows it, so that it is tried here from its first day', () => {
  const silent = stage.door.routes.filter(({ description, hidden }) => !description && !hidden);
  expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  const wrong = stage.subjects.flatMap(({ name, route, operation, example }) => {
    const named = [...route.path.matchAll(/:(\w+)/g)].map(([, param]) => param);
    const unread = named.length > 0 && !route.params ? [`${name} reads ${named} without a schema`] : [];
    const shown = example !== undefined || NOT_SHOWN.has(name) || !operation.requestBody;
    return shown ? unread : [...unread, `${name} shows no example that it takes`];
  });
  expect(wrong).toEqual([]);
  expect(stage.subjects.length).toBeGreaterThan(60);
});

/** What takes files alone: its form is no JSON that a mutation could change. */
const NOT_SHOWN = new Set([
  'POST /api/conversations/:id/attachments',
  'POST /api/live-chat/sessions/:sessionId/upload',
  'POST /api/live-chat/upload',
]);

test('what its schemas do not allow, a route refuses', async () => {
  const random = Math.floor(Math.random() * 2 ** 31);
  const faults: string[] = [];
  let sent = 0;
  let refused = 0;
  for (const subject of stage.subjects.filter(({ example }) => example !== undefined)) {
    const all = mutationsOfRoute(subject);
    const chosen = [...chosenOf(all, SEED, RUNS), ...chosenOf(all, random, RANDOM_RUNS)];
    const trial = await Trial.begin(stage, subject);
    for (const { place, mutation } of chosen) {
      const request = changed(trial.prepared, place, mutation);
      if (request === undefined) continue;
      const answer = await trial.send(request);
      sent++;
      if (answer.status >= 400) refused++;
    }
    faults.push(...(await trial.end()));
  }
  console.info(`${stage.subjects.length} routes, ${sent} requests, ${refused} refused`);
  expect(faults, `the random seed was ${random}`).toEqual([]);
  expect(refused).toBeGreaterThan(stage.subjects.length * 10);
  // Whatever was taken can be shown: no read model stumbled over it.
  await caughtUp(stage.servers);
}, 300_000);

type Place = 'params' | 'query' | 'body';
interface Change {
  readonly place: Place;
  readonly mutation: Mutation;
}

function mutationsOfRoute({ route }: Subject): Change[] {
  const of = (place: Place, mutations: readonly Mutation[]) =>
    mutations.map((mutation): Change => ({ place, mutation }));
  const inAddress = (schema: typeof route.params) =>
    schema
      ? slotsOf(schema)
          .filter(({ path }) => path.length === 1)
          .flatMap(textMutations)
      : [];
  const body = route.description?.body ?? route.body;
  return [
    ...of(
      'params',
      inAddress(route.params).filter(({ what }) => what !== 'twice' && what !== 'left out'),
    ),
    ...of('query', inAddress(route.query)),
    ...of('body', body ? slotsOf(body).flatMap(mutationsOf) : []),
  ];
}

/** So many of them, some of them together, as that seed has it. */
function chosenOf(all: readonly Change[], seed: number, runs: number): Change[] {
  if (all.length === 0) return [];
  if (runs >= all.length) return [...all];
  const bodies = all.filter(({ place }) => place === 'body').map(({ mutation }) => mutation);
  const single = fc.constantFrom(...all);
  const inBody = (mutation: Mutation): Change => ({ place: 'body', mutation });
  const arbitrary =
    bodies.length === 0
      ? single
      : fc.oneof(
          { weight: 8, arbitrary: single },
          { weight: 2, arbitrary: several(bodies).map(inBody) },
          { weight: 1, arbitrary: anything.map(inBody) },
        );
  return fc.sample(arbitrary, { seed, numRuns: runs });
}

/** The request with that change in it; undefined where there is nothing to send. */
function changed(prepared: Prepared, place: Place, mutation: Mutation): Sent | undefined {
  const what = `${place} ${described(mutation)}`;
  const value = mutation.apply(prepared[place]);
  // An address with nothing in it is another address.
  if (place === 'params' && Object.values(value as object).some((one) => one === '')) return undefined;
  // Lists wait a second for a position that is still to come.
  if (place === 'query' && /min_sequence: (?:a huge|one too)/.test(what)) return undefined;
  return asItIs({ ...prepared, [place]: value }, what);
}
