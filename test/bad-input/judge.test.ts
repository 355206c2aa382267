// The judge of bad requests is not blind: what must not come back is noticed when it does.
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { DescribedRoute } from '../../edge/http/description/routes.ts';
import type { Operation } from '../description/interface.ts';
import { wrongAnswer, wrongSentence } from './judge.ts';
import { mutationsOf, slotsOf, textMutations } from './mutations.ts';
import { type Answer, asItIs, isPoisoned, wrongPart } from './sent.ts';

test.each([
  ['', 'nothing'],
  ['Invalid input: expected string, received number', 'a library’s words'],
  ['Too big: expected string to have <=5 characters', 'a library’s words'],
  ['select * from inbox where id = 1', 'a query'],
  ['invalid byte sequence for encoding "UTF8": 0x00', 'the database'],
  ['TypeError: x is not a function', 'an error'],
  ['failed\n    at run (/srv/app/edge.js:12:3)', 'a stack'],
  ['name must be [object Object]', 'an object'],
])('a sentence like “%s” is noticed: %s', (sentence) => {
  expect(wrongSentence(sentence)).toBeDefined();
});

test('sentences that are clear pass', () => {
  for (const sentence of ['Session not found', 'tags must have at most 20 entries', 'url is required'])
    expect(wrongSentence(sentence)).toBeUndefined();
});

const operation = {
  method: 'POST',
  path: '/',
  tags: [],
  security: [],
  responses: { 200: {}, 400: {} },
} as Operation;
const answer = (status: number, json: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: new Headers({ 'x-request-id': 'abcdefgh', 'x-content-type-options': 'nosniff', ...headers }),
  text: JSON.stringify(json),
  json,
});
const said = { success: false, message: 'The body is not valid JSON' };
const judged = (given: Answer) => wrongAnswer(given, operation, () => () => undefined);

test('answers that nobody documented, or that say too much, are noticed', () => {
  expect(judged(answer(400, said))).toBeUndefined();
  expect(judged(answer(500, said))).toMatch(/^failed/);
  expect(judged(answer(418, said))).toMatch(/does not know/);
  expect(judged(answer(400, said, { 'x-event-sequence': '7' }))).toMatch(/where the write went/);
  expect(judged(answer(400, { ...said, errors: { name: 'Required' } }))).toBeUndefined();
  expect(judged(answer(400, { ...said, errors: { name: 'Invalid input: x' } }))).toMatch(/nobody's business/);
  expect(judged({ ...answer(400, said), headers: new Headers() })).toMatch(/no X-Request-Id/);
  expect(wrongAnswer(answer(400, said), operation, () => () => 'has no message')).toMatch(/not spelled/);
});

const body = z.object({
  name: z.string().min(1).max(5),
  mode: z.enum(['on', 'off']).optional(),
  tags: z.array(z.object({ text: z.string() })).max(2),
});
const route: DescribedRoute = {
  method: 'POST',
  path: '/',
  query: z.object({ page: z.coerce.number().max(9).default(1) }),
  body,
};
const right = { params: {}, query: {}, headers: {}, body: { name: 'Vera', tags: [{ text: 'a' }] } };

test('every field of a schema is put wrong in every way, and the schema itself says which of it is wrong', () => {
  expect(slotsOf(body).map(({ path }) => path.join('.'))).toEqual([
    '',
    'name',
    'mode',
    'tags',
    'tags.0',
    'tags.0.text',
  ]);
  const all = slotsOf(body).flatMap(mutationsOf);
  const wrong = all.filter(
    ({ apply }) => wrongPart(route, asItIs({ ...right, body: apply(right.body) })) === 'body',
  );
  const kinds = new Set(wrong.map(({ path, what }) => `${path.join('.')} ${what}`));
  for (const kind of [
    'name left out',
    'name null',
    'name 6 characters',
    'mode a text',
    'tags 3 entries',
    'tags.0.text a number',
  ])
    expect(kinds).toContain(kind);
  expect(wrongPart(route, asItIs(right))).toBeUndefined();
  const poisoned = all.filter(({ apply }) => isPoisoned(asItIs({ ...right, body: apply(right.body) })));
  expect(poisoned.length).toBe(4);
  const texts = slotsOf(z.object({ page: z.number().max(9) })).flatMap(textMutations);
  const queries = texts.filter(
    ({ apply }) =>
      wrongPart(route, asItIs({ ...right, query: apply({}) as object as Record<string, unknown> })) ===
      'query',
  );
  expect(queries.map(({ what }) => what)).toContain('one too many');
});
