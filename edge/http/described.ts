// How a route says what it is, beside the schemas that validate: OpenAPI, the reference page, the Postman collection and their tests read it.
import type { FastifySchema } from 'fastify';
import type { z } from 'zod';

export type Dialect = 'native' | 'token' | 'widget' | 'support' | 'live-chat';

/**
 * Who may call. `public`: anybody. `guest`: whoever knows the session's id, or holds its visitor token where
 * the widget wants one. `user`: a signed-in agent or admin. `admin`: who runs the workspace. `either`: guest
 * or user. `api`: the workspace's API token. `support`: any token of the support dialect, or the API key.
 */
export type Access = 'public' | 'guest' | 'user' | 'admin' | 'either' | 'api' | 'support';

/** A request as a document shows it, and its answer. A test carries out each of them. */
export interface Example {
  readonly name?: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  /** What came back, as the document has it; left out where there is no body worth showing. */
  readonly answer?: unknown;
}

export interface Description {
  readonly dialect: Dialect;
  /** One line: what it does. */
  readonly summary: string;
  /** What a reader cannot know from the schemas: units, defaults, the document it comes from. */
  readonly description?: string;
  readonly access: Access;
  /** What it answers where all is well, by status. Documentation that tests hold answers against; nothing is stripped. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** Whether it writes although it is a GET, as one document has it. */
  readonly writes?: boolean;
  /** Media type of the answers, where it is not JSON. */
  readonly media?: string;
  /** The body, where the route reads it by itself and so has none among its schemas. */
  readonly body?: z.ZodType;
  /** Media types of the body; JSON where nothing is said. With `multipart/form-data` the field `files` holds files; text is the body itself. */
  readonly accepts?: readonly (
    | 'application/json'
    | 'application/x-www-form-urlencoded'
    | 'multipart/form-data'
    | 'text/markdown'
    | 'text/plain'
  )[];
  /** Statuses of its refusals beside 400, 401, 403, 404, 413, 415, 429, 500 and 503 that `access` and the schemas imply. */
  readonly refusals?: readonly number[];
  readonly examples?: readonly Example[];
}

declare module 'fastify' {
  interface FastifySchema {
    /** See described.ts. */
    readonly 'x-natter'?: Description;
    /** Why a route stands in no document. */
    readonly 'x-natter-hidden'?: string;
  }
}

/** Spread into a route's `schema`, after the schemas that validate. */
export function described(description: Description): Pick<FastifySchema, 'x-natter'> {
  return { 'x-natter': description };
}

/** For a route that is nobody's interface: why it stands in no document. */
export function hidden(reason: string): Pick<FastifySchema, 'x-natter-hidden'> {
  return { 'x-natter-hidden': reason };
}
