// What callers are told when a value is wrong: every kind of problem in words of ours, never the validation library's.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sayIssue } from '../../edge/sentences.ts';

const told = (schema: z.ZodType, value: unknown) =>
  schema
    .safeParse(value, { error: sayIssue })
    .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());

test('whatever is missing or of the wrong kind is named with what it must be', () => {
  const kinds: [z.ZodType, unknown, string][] = [
    [z.string(), undefined, 'is required'],
    [z.string(), null, 'must be text'],
    [z.number(), 'x', 'must be a number'],
    [z.coerce.number(), 'x', 'must be a number'],
    [z.number().int(), 1.5, 'must be a whole number'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.object({}), [], 'must be an object'],
    [z.record(z.string(), z.string()), 3, 'must be an object'],
    [z.strictObject({}), { a: 1 }, 'has what is not known here: "a"'],
    [z.union([z.string(), z.number()]), true, 'must be text or a number'],
    [z.union([z.string(), z.number()]), undefined, 'is required'],
    [z.date(), 'today', 'must be a date'],
  ];
  for (const [schema, value, sentence] of kinds) expect(told(schema, value)).toEqual([sentence]);
});

test('bounds, choices and forms say what is allowed', () => {
  const bounds: [z.ZodType, unknown, string][] = [
    [z.number().max(5), 6, 'must be at most 5'],
    [z.number().min(1), 0, 'must be at least 1'],
    [z.number().positive(), 0, 'must be more than 0'],
    [z.number().lt(2), 2, 'must be less than 2'],
    [z.number().multipleOf(5), 3, 'must be a multiple of 5'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(2), 'a', 'must have at least 2 characters'],
    [z.string().max(1), 'ab', 'must have at most 1 character'],
    [z.string().length(3), 'ab', 'must have exactly 3 characters'],
    [z.array(z.string()).max(2), ['a', 'b', 'c'], 'must have at most 2 entries'],
    [z.enum(['low', 'high']), 'x', 'must be low or high'],
    [z.enum(['low', 'medium', 'high']), 'x', 'must be one of low, medium or high'],
    [z.literal('ping'), 'pong', 'must be ping'],
    [z.email(), 'x', 'must be an e-mail address'],
    [z.url(), 'x', 'must be a URL such as https://example.com'],
    [z.uuid(), 'x', 'must be a UUID'],
    [z.iso.datetime(), 'x', 'must be a moment in ISO 8601 such as 2024-12-31T12:00:00.000Z'],
    [z.string().regex(/^[a-f]+$/), 'x', 'has characters or an order of them that is not allowed'],
    [z.string().startsWith('a'), 'x', 'must begin with "a"'],
    [z.string().refine(() => false), 'x', 'is not valid'],
  ];
  for (const [schema, value, sentence] of bounds) expect(told(schema, value)).toEqual([sentence]);
});

test('a message of the schema’s own goes before ours, and a field stands before its problem', () => {
  expect(told(z.string('Note content is required'), undefined)).toEqual(['Note content is required']);
  expect(told(z.object({ user: z.object({ age: z.int().max(9) }) }), { user: { age: 10 } })).toEqual([
    'user.age must be at most 9',
  ]);
  const frame = z.discriminatedUnion('type', [
    z.object({ type: z.literal('ping') }),
    z.object({ type: z.literal('typing'), isTyping: z.boolean() }),
  ]);
  expect(told(frame, { type: 'x' })).toEqual(['type must be ping or typing']);
  expect(told(frame, { type: 'typing', isTyping: 1 })).toEqual(['isTyping must be true or false']);
});

test('names that a caller made up are told shortly and few of them', () => {
  const many = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`${'k'.repeat(900)}${index}`, 1]),
  );
  expect(told(z.strictObject({}), many)?.[0]?.length).toBeLessThan(700);
});
