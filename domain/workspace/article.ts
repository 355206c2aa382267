// An article of the workspace's knowledge: what visitors are answered from, and agents look things up in.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, type Placed, refuse } from '../decider.ts';

/** Bounds of articles. One of them fits into one commit (256 KB), whatever its letters: see `plain`. */
export const ARTICLE_LIMITS = {
  /** Characters. */
  title: 200,
  /** Characters. */
  content: 50_000,
  /** Articles that a workspace has at once. */
  perWorkspace: 5_000,
} as const;

/**
 * Text without what nobody can read: one kind of line break, no other control characters but tabs, no half
 * surrogate pairs. JSON would spell each of these in six bytes, so that 50,000 of them would not fit into a commit.
 */
export function plain(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .normalize('NFC');
}

export const articleTitle = z
  .string()
  .overwrite((title) => plain(title).replace(/\s+/g, ' ').trim())
  .min(1)
  .max(ARTICLE_LIMITS.title);
/** Markdown or plain text; never markup that anybody runs. */
export const articleContent = z
  .string()
  .overwrite((content) => plain(content).trim())
  .min(1)
  .max(ARTICLE_LIMITS.content);

export const articleText = z.object({ title: articleTitle, content: articleContent });
export type ArticleText = z.infer<typeof articleText>;

export const articleEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ArticleCreated'), data: articleText }),
  /** Only what is new of it. */
  z.object({ type: z.literal('ArticleChanged'), data: articleText.partial() }),
  z.object({ type: z.literal('ArticleDeleted'), data: z.object({}) }),
]);
export type ArticleEvent = z.infer<typeof articleEvent>;

export type ArticleRequest =
  | { readonly type: 'CreateArticle'; readonly data: ArticleText }
  /** What is left out stays. */
  | { readonly type: 'ChangeArticle'; readonly data: Partial<ArticleText> }
  | { readonly type: 'DeleteArticle'; readonly data: Record<string, never> };

export interface Article {
  readonly status: 'none' | 'live' | 'deleted';
  /** The position of ArticleCreated: the id that the outside knows. */
  readonly number: number;
  /** Empty once it is deleted. */
  readonly title: string;
  readonly content: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

const initial: Article = {
  status: 'none',
  number: 0,
  title: '',
  content: '',
  createdAt: '',
  updatedAt: '',
};

function decide(
  command: ArticleRequest & { readonly actor: Actor; readonly at: string },
  now: Article,
): Decision<ArticleEvent> {
  switch (command.type) {
    case 'CreateArticle':
      // One that was deleted leaves its place to another, under another number: what is imported anew has the same place.
      return now.status === 'live'
        ? refuse('article-exists')
        : [{ type: 'ArticleCreated', data: command.data }];
    case 'ChangeArticle': {
      if (now.status !== 'live') return refuse('article-not-found');
      const { title = now.title, content = now.content } = command.data;
      const data = {
        ...(title === now.title ? {} : { title }),
        ...(content === now.content ? {} : { content }),
      };
      return Object.keys(data).length > 0 ? [{ type: 'ArticleChanged', data }] : [];
    }
    case 'DeleteArticle':
      if (now.status === 'none') return refuse('article-not-found');
      return now.status === 'live' ? [{ type: 'ArticleDeleted', data: {} }] : [];
  }
}

function evolve(state: Article, event: ArticleEvent & Placed): Article {
  switch (event.type) {
    case 'ArticleCreated':
      return {
        status: 'live',
        number: event.position,
        ...event.data,
        createdAt: event.at,
        updatedAt: event.at,
      };
    case 'ArticleChanged': {
      const { title = state.title, content = state.content } = event.data;
      return { ...state, title, content, updatedAt: event.at };
    }
    case 'ArticleDeleted':
      return { ...state, status: 'deleted', title: '', content: '', updatedAt: event.at };
  }
}

export const article: Decider<Article, ArticleRequest & { readonly actor: Actor }, ArticleEvent> = {
  initial,
  decide,
  evolve,
};
