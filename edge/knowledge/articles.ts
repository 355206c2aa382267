// The articles of a workspace as its admins have them: written, read as they are now, imported.
import { createHash } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import { base32 } from '../../domain/ids.ts';
import type { Aggregates } from '../../domain/log/aggregates.ts';
import type { Log } from '../../domain/log/log.ts';
import { placeOf } from '../../domain/log/position.ts';
import type { Address } from '../../domain/log/subjects.ts';
import {
  ARTICLE_LIMITS,
  type Article,
  type ArticleEvent,
  type ArticleRequest,
  type ArticleText,
} from '../../domain/workspace/article.ts';
import type { Directory } from '../identity/directory.ts';
import { actorOf, type UserPrincipal } from '../identity/principals.ts';

export interface ArticlesParts {
  readonly aggregates: Aggregates<Article, ArticleRequest, ArticleEvent>;
  readonly log: Log;
  readonly directory: Directory;
  readonly newCommand: () => string;
  /** `bytes` random ones. */
  readonly random: (bytes: number) => Uint8Array;
}

/** An article after a write, and where the write went. */
export interface WrittenArticle {
  readonly article: Article;
  /** Nothing was stored: all was as asked already. */
  readonly unchanged: boolean;
  readonly position: number;
}

export interface Imported {
  readonly articles: readonly {
    readonly number: number;
    readonly title: string;
    readonly outcome: 'created' | 'changed' | 'unchanged';
  }[];
  /** Of the last write. */
  readonly position: number;
}

export class Articles {
  readonly #parts: ArticlesParts;

  constructor(parts: ArticlesParts) {
    this.#parts = parts;
  }

  /** An article as it is now, by its public number, of that workspace alone. Refused: `article-not-found`. */
  async find(workspace: string, number: number): Promise<Article | Refusal> {
    const found = await this.#look(workspace, number);
    return isRefusal(found) ? found : found.article;
  }

  /** Refused: `too-many-articles`. */
  async create(text: ArticleText, by: UserPrincipal): Promise<WrittenArticle | Refusal> {
    if (this.#room(by.workspace) < 1) return refuse('too-many-articles');
    const id = base32(this.#parts.random(10));
    return this.#ask(this.#address(by.workspace, id), { type: 'CreateArticle', data: text }, by);
  }

  /** What is left out stays. Refused: `article-not-found`. */
  async change(
    number: number,
    change: Partial<ArticleText>,
    by: UserPrincipal,
  ): Promise<WrittenArticle | Refusal> {
    const found = await this.#look(by.workspace, number);
    if (isRefusal(found)) return found;
    return this.#ask(found.address, { type: 'ChangeArticle', data: change }, by);
  }

  /** Refused: `article-not-found`. */
  async remove(number: number, by: UserPrincipal): Promise<WrittenArticle | Refusal> {
    const found = await this.#look(by.workspace, number);
    if (isRefusal(found)) return found;
    return this.#ask(found.address, { type: 'DeleteArticle', data: {} }, by);
  }

  /**
   * Writes articles of different titles; `titled` says which of the titles there are already, and these are
   * changed. Refused before anything is written: `too-many-articles`. Where the log goes away on the way, the
   * same import again writes what is missing and nothing twice.
   */
  async import(
    texts: readonly ArticleText[],
    titled: ReadonlyMap<string, number>,
    by: UserPrincipal,
  ): Promise<Imported | Refusal> {
    const fresh = texts.filter(({ title }) => !titled.has(title)).length;
    if (fresh > 0 && this.#room(by.workspace) < fresh) return refuse('too-many-articles');
    const articles: Imported['articles'][number][] = [];
    let position = 0;
    for (const text of texts) {
      const number = titled.get(text.title);
      let written = number === undefined ? undefined : await this.change(number, text, by);
      let created = false;
      if (written === undefined || isMissing(written)) {
        ({ written, created } = await this.#place(text, by));
      }
      if (isRefusal(written)) return written;
      const outcome = written.unchanged ? 'unchanged' : created ? 'created' : 'changed';
      articles.push({ number: written.article.number, title: text.title, outcome });
      position = Math.max(position, written.position);
    }
    return { articles, position };
  }

  /** Creates an imported article in the place of its title, so that two imports at once make one of it. */
  async #place(
    text: ArticleText,
    by: UserPrincipal,
  ): Promise<{ written: WrittenArticle | Refusal; created: boolean }> {
    const digest = createHash('sha256').update(text.title).digest();
    const address = this.#address(by.workspace, base32(digest.subarray(0, 20)));
    const made = await this.#ask(address, { type: 'CreateArticle', data: text }, by);
    if (!isRefusal(made) || made.refused !== 'article-exists') return { written: made, created: true };
    const { state } = await this.#parts.aggregates.load(address);
    // Another title since: the place is taken by what somebody renamed.
    if (state.title !== text.title) return { written: await this.create(text, by), created: true };
    return { written: await this.#ask(address, { type: 'ChangeArticle', data: text }, by), created: false };
  }

  async #look(
    workspace: string,
    number: number,
  ): Promise<{ readonly address: Address; readonly article: Article } | Refusal> {
    const { log, aggregates } = this.#parts;
    const { family, shard, sequence } = placeOf(number);
    if (family !== 'workspace' || shard !== 0 || sequence < 1) return refuse('article-not-found');
    const stored = await log.at('WORKSPACE', sequence);
    if (stored?.address.kind !== 'article' || stored.address.workspace !== workspace)
      return refuse('article-not-found');
    const { state } = await aggregates.load(stored.address);
    return state.status === 'live' && state.number === number
      ? { address: stored.address, article: state }
      : refuse('article-not-found');
  }

  async #ask(
    address: Address,
    request: ArticleRequest,
    by: UserPrincipal,
  ): Promise<WrittenArticle | Refusal> {
    const { aggregates, newCommand } = this.#parts;
    const outcome = await aggregates.handle(address, {
      ...request,
      actor: actorOf(by),
      command: newCommand(),
    });
    if (isRefusal(outcome)) return outcome;
    const { state: article, unchanged, position } = outcome;
    return { article, unchanged, position };
  }

  #address(workspace: string, id: string): Address {
    return this.#parts.log.subjects.aggregate(workspace, 'article', id);
  }

  /** How many more articles the workspace may have. */
  #room(workspace: string): number {
    return ARTICLE_LIMITS.perWorkspace - this.#parts.directory.countArticles(workspace);
  }
}

/** Deleted since the read models were asked. */
function isMissing(written: WrittenArticle | Refusal): boolean {
  return isRefusal(written) && written.refused === 'article-not-found';
}
