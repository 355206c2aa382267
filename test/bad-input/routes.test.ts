// Bad requests to every route there is, made from its own schemas: the documented refusal in one clear sentence, and nothing half done.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Prepared } from '../description/carry-out.ts';
import type { Scene } from '../description/scenes.ts';
import { caughtUp } from '../edge/http/door.ts';
import { wrongAnswer } from './judge.ts';
import {
  anything,
  described,
  type Mutation,
  mutationsOf,
  several,
  slotsOf,
  textMutations,
} from './mutations.ts';
import { type Answer, asItIs, isPoisoned, type Sent, send, wrongPart } from './sent.ts';
import { Stage, type Subject } from './stage.ts';

/** Requests per route from a seed that is always the same, and from one that never is. `BAD_INPUT_RUNS=all`: all there are. */
const RUNS =
  process.env.BAD_INPUT_RUNS === 'all' ? Number.POSITIVE_INFINITY : Number(process.env.BAD_INPUT_RUNS ?? 40);
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
    const trial = await Trial.begin(subject);
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

/** One route under trial. */
class Trial {
  readonly #subject: Subject;
  readonly #scene: Scene;
  readonly #faults: string[] = [];
  prepared: Prepared;

  private constructor(subject: Subject, scene: Scene, prepared: Prepared) {
    this.#subject = subject;
    this.#scene = scene;
    this.prepared = prepared;
  }

  static async begin(subject: Subject): Promise<Trial> {
    const scene = await stage.scene(subject);
    const trial = new Trial(subject, scene, await stage.asked(subject, scene));
    await stage.witness.begin();
    return trial;
  }

  /** Sends it, and notes what is wrong with the answer. */
  async send(request: Sent): Promise<Answer> {
    const { route, operation } = this.#subject;
    const answer = await send(stage.door.url, route, request);
    const wrong = wrongAnswer(answer, operation, stage.checkOf) ?? this.#wrongVerdict(request, answer);
    if (wrong !== undefined) this.#note(request, wrong);
    if (answer.status >= 400) await this.#nothingStored(request);
    else if (route.method !== 'GET' || route.description?.writes) await this.#goOn();
    return answer;
  }

  async end(): Promise<readonly string[]> {
    const grown = await stage.witness.grown();
    const fault = stage.witness.fault();
    for (const wrong of [grown, fault])
      if (wrong !== undefined) this.#faults.push(`${this.#subject.name}: ${wrong}`);
    return this.#faults;
  }

  #wrongVerdict(request: Sent, { status, text }: Answer): string | undefined {
    const part = isPoisoned(request) ? 'body' : wrongPart(this.#subject.route, request);
    if (part === undefined) return undefined;
    // Where the token may stand in what was changed, it is looked at first.
    const inside = this.#subject.route.description?.access === 'api' ? [401, 403] : [];
    const allowed = [400, ...(part === 'params' ? [404] : []), ...inside];
    return allowed.includes(status)
      ? undefined
      : `the ${part} is not as its schema says, and yet the answer was ${status} ${text.slice(0, 200)}`;
  }

  #note({ what, text }: Sent, wrong: string): void {
    this.#faults.push(`${this.#subject.name} · ${what}: ${wrong} · ${text?.slice(0, 200) ?? ''}`);
  }

  async #nothingStored(request: Sent): Promise<void> {
    if (this.#subject.route.method === 'GET' && !this.#subject.route.description?.writes) return;
    const grown = await stage.witness.grown();
    if (grown !== undefined) this.#note(request, grown);
  }

  /** It was taken: tokens may have ended with it. */
  async #goOn(): Promise<void> {
    this.prepared = await stage.asked(this.#subject, this.#scene);
    await stage.witness.grown();
  }
}
