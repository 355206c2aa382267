// What must hold of every answer to a bad request: a documented refusal, one clear sentence, no word from inside, and nothing half done.
import type { DescribedRoute } from '../../edge/http/description/routes.ts';
import type { answerCheck, Operation } from '../description/interface.ts';
import type { Door } from '../edge/http/door.ts';
import type { Answer } from './sent.ts';

/** What a stack, a query, a path or a library would say. */
const INSIDE =
  /\n|\bat \S+ ?\(|node_modules|\/(?:home|tmp|usr|work|root)\/|\.[jt]s:\d|\b(?:select|insert into|update) .+ (?:from|values|set)\b|invalid byte sequence|relation "|duplicate key|JetStream|wrong last sequence|Invalid input: |Expected .+, received|Too (?:small|big): |Unrecognized key|ZodError|TypeError|undefined|\[object /;

/** What is wrong with a refusal in words; undefined where nothing is. */
export function wrongSentence(message: unknown): string | undefined {
  if (typeof message !== 'string' || message.trim().length < 8) return `says nothing: ${String(message)}`;
  if (message.length > 400) return `says too much: ${message.slice(0, 100)}…`;
  const inside = INSIDE.exec(message);
  return inside ? `says what is nobody's business (${inside[0]}): ${message}` : undefined;
}

/** What is wrong with an answer, whatever the request was; undefined where nothing is. */
export function wrongAnswer(
  answer: Answer,
  operation: Operation,
  checkOf: ReturnType<typeof answerCheck>,
): string | undefined {
  const { status, headers, text, json } = answer;
  const told = `${status} ${text.slice(0, 200)}`;
  if (status >= 500 && status !== 503) return `failed: ${told}`;
  if (!(status in operation.responses)) return `answered a status that the document does not know: ${told}`;
  if (headers.get('x-request-id') === null) return `no X-Request-Id: ${told}`;
  if (headers.get('x-content-type-options') !== 'nosniff') return `without security headers: ${told}`;
  if (status < 400) return checkOf(operation, status)?.(json);
  if (json === undefined) return `is not JSON: ${told}`;
  const shape = checkOf(operation, status)?.(json);
  if (shape !== undefined) return `is not spelled as this dialect spells errors (${shape}): ${told}`;
  if (headers.has('x-event-sequence')) return `refused, and yet says where the write went: ${told}`;
  const { message, error, errors } = json as { message?: unknown; error?: unknown; errors?: object };
  const words = [message ?? error, ...Object.values(errors ?? {})];
  return words.map(wrongSentence).find((wrong) => wrong !== undefined);
}

/** Notices what was written and what went wrong since it was last asked. */
export class Witness {
  readonly #door: Door;
  #heads = '';
  #read = 0;

  constructor(door: Door) {
    this.#door = door;
  }

  /** Forgets what has happened so far. */
  async begin(): Promise<void> {
    this.#heads = await this.#headsNow();
    this.#read = this.#door.logged().length;
  }

  /** Streams that have grown since, as a sentence. */
  async grown(): Promise<string | undefined> {
    const before = this.#heads;
    this.#heads = await this.#headsNow();
    return before === this.#heads
      ? undefined
      : `was refused, and something was stored: ${before} → ${this.#heads}`;
  }

  /** A fault that was logged since. */
  fault(): string | undefined {
    const all = this.#door.logged();
    const lines = all.slice(this.#read).split('\n');
    this.#read = all.length;
    const line = lines.find((one) => /"level":(?:50|60)/.test(one));
    return line === undefined ? undefined : `logged a fault: ${line.slice(0, 600)}`;
  }

  async #headsNow(): Promise<string> {
    const { log } = this.#door.storage;
    const heads = await Promise.all(log.subjects.streams().map(({ name }) => log.head(name)));
    return heads.join(' ');
  }
}

export function nameOf({ method, path }: DescribedRoute): string {
  return `${method} ${path}`;
}
