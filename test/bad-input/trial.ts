// One route under trial: bad requests are sent to it one after the other, and what is wrong with any answer is noted.
import type { Prepared } from '../description/carry-out.ts';
import type { Scene } from '../description/scenes.ts';
import { wrongAnswer } from './judge.ts';
import { type Answer, isPoisoned, type Sent, send, wrongPart } from './sent.ts';
import type { Stage, Subject } from './stage.ts';

export class Trial {
  readonly #stage: Stage;
  readonly #subject: Subject;
  readonly #faults: string[] = [];
  readonly scene: Scene;
  /** What the route takes, with credentials as of now. */
  prepared: Prepared;

  private constructor(stage: Stage, subject: Subject, scene: Scene, prepared: Prepared) {
    this.#stage = stage;
    this.#subject = subject;
    this.scene = scene;
    this.prepared = prepared;
  }

  /** `before`: what happens to the scene before the trial. */
  static async begin(
    stage: Stage,
    subject: Subject,
    before?: (scene: Scene) => Promise<void>,
  ): Promise<Trial> {
    const scene = await stage.scene(subject);
    await before?.(scene);
    const trial = new Trial(stage, subject, scene, await stage.asked(subject, scene));
    await stage.witness.begin();
    return trial;
  }

  /** Sends it, and notes what is wrong with the answer. `may`: the statuses that are right, where not all documented ones are. */
  async send(request: Sent, may?: readonly number[]): Promise<Answer> {
    const { route, operation } = this.#subject;
    const answer = await send(this.#stage.door.url, route, request);
    const { status, text } = answer;
    const wrong =
      wrongAnswer(answer, operation, this.#stage.checkOf) ??
      (may ? undefined : this.#wrongVerdict(request, answer)) ??
      (may?.includes(status) === false
        ? `answered ${status} ${text.slice(0, 200)} instead of ${may.join(' or ')}`
        : undefined);
    if (wrong !== undefined) this.#note(request, wrong);
    if (status >= 400) await this.#nothingStored(request);
    else if (this.#writes) await this.#goOn();
    return answer;
  }

  /** Sends it twice at once: each is answered as if it were alone, or as a repetition. */
  async sendTwice(request: Sent): Promise<void> {
    const { route, operation } = this.#subject;
    const both = [1, 2].map(() => send(this.#stage.door.url, route, request));
    for (const answer of await Promise.all(both)) {
      const wrong = wrongAnswer(answer, operation, this.#stage.checkOf);
      if (wrong !== undefined) this.#note(request, wrong);
    }
    if (this.#writes) await this.#goOn();
  }

  /** Everything that was wrong. */
  async end(): Promise<readonly string[]> {
    const grown = this.#writes ? undefined : await this.#stage.witness.grown();
    const fault = this.#stage.witness.fault();
    for (const wrong of [grown, fault])
      if (wrong !== undefined) this.#faults.push(`${this.#subject.name}: ${wrong}`);
    return this.#faults;
  }

  get #writes(): boolean {
    const { method, description } = this.#subject.route;
    return method !== 'GET' || description?.writes === true;
  }

  #wrongVerdict(request: Sent, { status, text }: Answer): string | undefined {
    const { route } = this.#subject;
    const part = isPoisoned(request) ? 'body' : wrongPart(route, request);
    if (part === undefined) return undefined;
    // Where the token may stand in what was changed, it is looked at first.
    const inside = route.description?.access === 'api' ? [401, 403] : [];
    const allowed = [400, ...(part === 'params' ? [404] : []), ...inside];
    return allowed.includes(status)
      ? undefined
      : `the ${part} is not as its schema says, and yet the answer was ${status} ${text.slice(0, 200)}`;
  }

  #note({ what, text }: Sent, wrong: string): void {
    const sent = typeof text === 'string' ? ` · ${text.slice(0, 200)}` : '';
    this.#faults.push(`${this.#subject.name} · ${what}: ${wrong}${sent}`);
  }

  async #nothingStored(request: Sent): Promise<void> {
    if (!this.#writes) return;
    const grown = await this.#stage.witness.grown();
    if (grown !== undefined) this.#note(request, grown);
  }

  /** It was taken: tokens may have ended with it. */
  async #goOn(): Promise<void> {
    this.prepared = await this.#stage.asked(this.#subject, this.scene);
    await this.#stage.witness.grown();
  }
}
