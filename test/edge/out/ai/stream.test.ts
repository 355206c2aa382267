// Server-sent events out of bytes: whatever the line endings, and wherever the bytes are split.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventReader } from '../../../../edge/out/ai/stream.ts';

function read(...parts: (string | Uint8Array)[]): string[] {
  const reader = new EventReader();
  const events = parts.flatMap((part) => reader.push(Buffer.from(part)));
  return [...events, ...reader.end()];
}

test.each(['\n', '\r\n', '\r'])('events end with an empty line, lines with %j', (end) => {
  expect(read(`data: one${end}${end}data:two${end}data:  lines${end}${end}`)).toEqual(['one', 'two\n lines']);
});

test('comments, other fields and events without data say nothing', () => {
  expect(read(': hello\n\nevent: ping\nid: 4\nretry: 10\n\nnonsense\n\ndatabase: no\n\ndata\n\n')).toEqual([
    '',
  ]);
});

test('an event may be ended by the end of everything', () => {
  expect(read('data: one\n\ndata: [DONE]')).toEqual(['one', '[DONE]']);
});

test('an event is told as soon as it is complete', () => {
  const reader = new EventReader();
  expect(reader.push(Buffer.from('data: one\r\n\r'))).toEqual(['one']);
  expect(reader.push(Buffer.from('\ndata: two\r\n'))).toEqual([]);
  expect(reader.push(Buffer.from('\r\n'))).toEqual(['two']);
});

test('a byte order mark is not part of the first field', () => {
  expect(read('\ufeffdata: one\n\n')).toEqual(['one']);
});

test('bytes that are no UTF-8 are refused, and so is half a character at the end', () => {
  expect(() => read(Buffer.from([0x64, 0xff]))).toThrow(TypeError);
  expect(() => read(Buffer.from('data: ü').subarray(0, -1))).toThrow(TypeError);
});

test('wherever it is split, a stream says the same', () => {
  const line = fc.constantFrom('data: Zoë 日本 🚚', 'data:', ': comment', 'id: 1', 'data: {"a":1}', '');
  const ending = fc.constantFrom('\n', '\r\n', '\r');
  const stream = fc.array(
    fc.tuple(line, ending).map((pair) => pair.join('')),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 10 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.join(''));
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const parts = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
      expect(read(...parts)).toEqual(read(bytes));
    }),
  );
});
