// What may be wrong with a value, made from its schema: every field of it left out, null, of another kind, too long, too many, of no known value.
import fc from 'fast-check';
import { z } from 'zod';

type Json = { readonly [key: string]: unknown };
export type Path = readonly (string | number)[];

/** A place within a value, and what the schema says of it. */
export interface Slot {
  readonly path: Path;
  readonly schemas: readonly Json[];
}

/** One change to a valid value. */
export interface Mutation {
  readonly path: Path;
  readonly what: string;
  /** The value with that change in it. */
  readonly apply: (value: unknown) => unknown;
}

/** Levels of objects and lists that are looked into. */
const DEEPEST = 6;
/** Characters of a text that no schema bounds, and of the longest that is sent. */
const LONG = 20_000;
const LONGEST = 200_000;

const NUL = String.fromCharCode(0);
const HALF = String.fromCharCode(0xd800);

/** The schema as JSON Schema, references within it resolved on the way. */
function jsonOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
}

/** Every place in values of that schema, the value itself first. */
export function slotsOf(schema: z.ZodType): Slot[] {
  const root = jsonOf(schema);
  const defs = (root.$defs ?? {}) as Record<string, Json>;
  const found = new Map<string, { path: Path; schemas: Json[] }>();
  const walk = (node: Json, path: Path): void => {
    const { $ref } = node;
    if (typeof $ref === 'string') {
      const part = $ref === '#' ? undefined : defs[$ref.slice($ref.lastIndexOf('/') + 1)];
      if (part && path.length <= DEEPEST) walk(part, path);
      return;
    }
    const options = [node.anyOf, node.oneOf, node.allOf].flatMap((list) => (list ?? []) as Json[]);
    for (const option of options) walk(option, path);
    if (options.length === 0 || 'type' in node) {
      const key = JSON.stringify(path);
      const slot = found.get(key) ?? { path, schemas: [] };
      slot.schemas.push(node);
      found.set(key, slot);
    }
    if (path.length >= DEEPEST) return;
    for (const [name, inner] of Object.entries((node.properties ?? {}) as Record<string, Json>))
      walk(inner, [...path, name]);
    if (typeof node.items === 'object' && node.items !== null) walk(node.items as Json, [...path, 0]);
    if (typeof node.additionalProperties === 'object' && node.additionalProperties !== null)
      walk(node.additionalProperties as Json, [...path, 'anyName']);
  };
  walk(root, []);
  return [...found.values()];
}

/** All that may be wrong at one place of a JSON value. */
export function mutationsOf({ path, schemas }: Slot): Mutation[] {
  const put = (what: string, value: unknown): Mutation => ({
    path,
    what,
    apply: (whole) => withAt(whole, path, () => value),
  });
  const out: Mutation[] = [
    put('null', null),
    put('a number', 12.5),
    put('a text', 'no such value'),
    put('true', true),
    put('a list', [[]]),
    put('an object', { length: 3, toString: 1 }),
    put('nothing in it', ''),
    put('a NUL', `a${NUL}b`),
    put('half a character', `a${HALF}b`),
    put('a negative number', -1),
    put('a huge number', 1e308),
    put('a path', '../../../etc/passwd'),
  ];
  const last = path.at(-1);
  if (last !== undefined)
    out.push({ path, what: 'left out', apply: (whole) => withAt(whole, path, () => undefined) });
  for (const schema of schemas) out.push(...boundsOf(path, schema, put));
  return out;
}

function boundsOf(path: Path, schema: Json, put: (what: string, value: unknown) => Mutation): Mutation[] {
  const out: Mutation[] = [];
  const { type, maxLength, maxItems, maximum, exclusiveMaximum, minimum, properties } = schema;
  if (type === 'string') {
    const most = typeof maxLength === 'number' ? maxLength + 1 : LONG;
    if (most <= LONGEST) out.push(put(`${most} characters`, 'x'.repeat(most)));
  }
  if (type === 'number' || type === 'integer') {
    const bound = (maximum ?? exclusiveMaximum) as number | undefined;
    if (bound !== undefined) out.push(put('one too many', bound + 1));
    if (typeof minimum === 'number') out.push(put('one too few', minimum - 1));
  }
  if (type === 'array') {
    const many = typeof maxItems === 'number' ? maxItems + 1 : 3_000;
    if (many <= 5_000)
      out.push({
        path,
        what: `${many} entries`,
        apply: (whole) =>
          withAt(whole, path, (before) => {
            const one = Array.isArray(before) && before.length > 0 ? before[0] : 'entry';
            return Array.from({ length: many }, () => one);
          }),
      });
  }
  if (type === 'object' || properties !== undefined)
    for (const [what, name, value] of EXTRA)
      out.push({
        path,
        what,
        apply: (whole) => withAt(whole, path, (before) => withKey(before, name, value)),
      });
  return out;
}

const EXTRA = [
  ['a key nobody knows', 'noSuchField', 'x'],
  ['__proto__', '__proto__', { isAdmin: true }],
  ['constructor', 'constructor', { prototype: { isAdmin: true } }],
] as const;

/** All that may be wrong at one place of a query or an address, where everything is text. */
export function textMutations({ path, schemas }: Slot): Mutation[] {
  const put = (what: string, value: unknown): Mutation => ({
    path,
    what,
    apply: (whole) => withAt(whole, path, () => value),
  });
  const texts = [
    put('no known value', 'no such value'),
    put('nothing in it', ''),
    put('a NUL', `a${NUL}b`),
    put('a negative number', '-1'),
    put('a fraction', '1.5'),
    put('a huge number', '9'.repeat(30)),
    put('not a number', 'NaN'),
    put('a path', '..%2f..%2fetc/passwd'),
    put('__proto__', '__proto__'),
    put('quotes', `'; drop table inbox; --`),
    put('400 characters', 'x'.repeat(400)),
    put('other letters', '%_😀ñ'),
    put('left out', undefined),
    { path, what: 'twice', apply: (whole: unknown) => withAt(whole, path, (one) => [one, 'again']) },
  ];
  for (const { maximum, minimum } of schemas) {
    if (typeof maximum === 'number') texts.push(put('one too many', String(maximum + 1)));
    if (typeof minimum === 'number') texts.push(put('one too few', String(minimum - 1)));
  }
  return texts;
}

/** Several changes at once. */
export function several(all: readonly Mutation[]): fc.Arbitrary<Mutation> {
  return fc.array(fc.constantFrom(...all), { minLength: 2, maxLength: 4 }).map((some) => ({
    path: [],
    what: some.map(described).join(' and '),
    apply: (value) => some.reduce((before, { apply }) => apply(before), value),
  }));
}

/** Any JSON at all in the place of the whole. */
export const anything: fc.Arbitrary<Mutation> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => ({ path: [], what: `whole: ${JSON.stringify(value).slice(0, 200)}`, apply: () => value }));

export function described({ path, what }: Mutation): string {
  return `${path.join('.') || 'whole'}: ${what}`.slice(0, 300);
}

/** A copy of `whole` with another value at `path`; objects and lists on the way are made where there are none. */
function withAt(whole: unknown, path: Path, change: (before: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(whole);
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(whole) ? [...whole] : [];
    const value = withAt(list[key], rest, change);
    if (value === undefined) list.splice(key, 1);
    else list[key] = value;
    return list;
  }
  const inner =
    typeof whole === 'object' && whole !== null && key in whole ? (whole as Json)[key] : undefined;
  return withKey(whole, key, withAt(inner, rest, change));
}

/** A copy with that key of its own, also where it is called `__proto__`. */
function withKey(whole: unknown, key: string, value: unknown): unknown {
  const entries = typeof whole === 'object' && whole !== null ? Object.entries(whole) : [];
  const others = entries.filter(([name]) => name !== key);
  return Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
}
