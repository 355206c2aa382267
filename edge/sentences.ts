// What is wrong with a value, in words of ours: every kind of problem that a schema finds, as one clause that follows the field's name.
import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  nan: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  set: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
  null: 'null',
  undefined: 'left out',
  never: 'left out',
  void: 'left out',
  date: 'a date',
  file: 'a file',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a URL such as https://example.com',
  uuid: 'a UUID',
  guid: 'a UUID',
  date: 'a date such as 2024-12-31',
  datetime: 'a moment in ISO 8601 such as 2024-12-31T12:00:00.000Z',
  time: 'a time such as 12:30:00',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'a range of IPv4 addresses',
  cidrv6: 'a range of IPv6 addresses',
  base64: 'base64',
  base64url: 'base64url',
  json_string: 'JSON',
  e164: 'a telephone number such as +1234567890',
};

/** Values, or names that a caller made up, that one sentence lists. */
const LISTED = 12;
/** Characters of a name that a caller made up. */
const NAME_LENGTH = 40;

/**
 * One clause in lower case that goes on after the field's name: `must be at most 5`, `is required`. Handed
 * to zod (`safeParse(value, { error: sayIssue })`); a message that the schema itself has goes before it.
 */
export function sayIssue(issue: Issue): string {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined ? 'is required' : `must be ${KINDS[issue.expected] ?? 'of another kind'}`;
    case 'invalid_value':
      return input === undefined ? 'is required' : `must be ${either(issue.values.map(String))}`;
    case 'too_big':
      return sized(
        issue.origin,
        issue.maximum,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'less than' : 'at most',
      );
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1 && !issue.exact)
        return 'must not be empty';
      return sized(
        issue.origin,
        issue.minimum,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'more than' : 'at least',
      );
    case 'invalid_format':
      return sayFormat(issue);
    case 'not_multiple_of':
      return Number(issue.divisor) === 1
        ? 'must be a whole number'
        : `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has what is not known here: ${issue.keys.slice(0, LISTED).map(shortened).join(', ')}`;
    case 'invalid_union':
      return sayUnion(issue);
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_element':
      return 'has an entry that is not allowed';
    case 'custom':
      return 'is not valid';
  }
}

function sized(origin: string, bound: number | bigint | undefined, how: string): string {
  const one = Number(bound) === 1;
  switch (origin) {
    case 'string':
      return `must have ${how} ${bound} ${one ? 'character' : 'characters'}`;
    case 'array':
    case 'set':
    case 'map':
    case 'object':
      return `must have ${how} ${bound} ${one ? 'entry' : 'entries'}`;
    case 'file':
      return `must have ${how} ${bound} ${one ? 'byte' : 'bytes'}`;
    case 'date':
      return `must be ${how} ${new Date(Number(bound)).toISOString()}`;
    default:
      return how === 'exactly' ? `must be ${bound}` : `must be ${how} ${bound}`;
  }
}

function sayFormat(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  switch (issue.format) {
    case 'starts_with':
      return `must begin with ${JSON.stringify(issue.prefix)}`;
    case 'ends_with':
      return `must end with ${JSON.stringify(issue.suffix)}`;
    case 'includes':
      return `must have ${JSON.stringify(issue.includes)} in it`;
    default: {
      const known = FORMATS[issue.format];
      return known ? `must be ${known}` : 'has characters or an order of them that is not allowed';
    }
  }
}

/** What would have been right: the kinds of the options where all of them wanted another kind. */
function sayUnion(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if (issue.input === undefined) return 'is required';
  const { options } = issue;
  if (Array.isArray(options) && options.length > 0) return `must be ${either(options.map(String))}`;
  const wanted: string[] = [];
  for (const [problem] of issue.errors) {
    if (!problem || problem.path.length > 0) continue;
    const [, kind] = /^must be (.+)$/.exec(problem.message) ?? [];
    if (kind === undefined) return problem.message;
    if (!wanted.includes(kind)) wanted.push(kind);
  }
  return wanted.length > 0 ? `must be ${either(wanted)}` : 'is not in any of the forms that are allowed';
}

function either(values: readonly string[]): string {
  const all = values.slice(0, LISTED);
  if (values.length > LISTED) return `one of ${all.join(', ')} or another that is allowed`;
  if (all.length < 3) return all.join(' or ');
  return `one of ${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function shortened(name: string): string {
  return JSON.stringify(name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name);
}
