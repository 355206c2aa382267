// The small pure parts of the browser's client, each against what stands elsewhere in the project.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../domain/conversation/values.ts';
import { commandId, madeAt } from '../../domain/ids.ts';
import { CLOSE, type ConversationSummary } from '../../domain/wire.ts';
import { delayBefore, FIRST_DELAY, LONGEST_DELAY } from '../../ui/client/backoff.ts';
import { mayReconnect, RECONNECT } from '../../ui/client/close-codes.ts';
import { MOST_ROWS, matches, withChanges, withPage } from '../../ui/client/inbox-view.ts';
import { uuidv7 } from '../../ui/client/uuid.ts';
import { linkify } from '../../ui/parts/linkify.ts';
import { readableOn } from '../../ui/parts/readable-on.ts';
import {
  ageOf,
  browserOf,
  dayOf,
  initialsOf,
  localMinute,
  momentOf,
  sizeOf,
  tomorrowMorning,
} from '../../ui/parts/wording.ts';

describe('close codes', () => {
  test('are the wire’s own table, all of it', () => {
    const wire = Object.fromEntries(Object.values(CLOSE).map(({ code, reconnect }) => [code, reconnect]));
    expect(RECONNECT).toEqual(wire);
  });
  test('a broken line is always tried again', () => {
    for (const code of [1000, 1001, 1006, 1011, 1012]) expect(mayReconnect(code)).toBe(true);
  });
});

describe('command ids', () => {
  test('are what the wire takes, ascend strictly, and tell when they were made', () => {
    const now = Date.now() + 1_000;
    const ids = Array.from({ length: 10_000 }, () => uuidv7(now));
    for (const id of ids) expect(commandId.safeParse(id).success).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(madeAt(ids[0] ?? '')).toBe(now);
  });
  test('ascend even when the clock goes back', () => {
    const first = uuidv7(Date.now() + 60_000);
    expect(uuidv7(Date.now()) > first).toBe(true);
  });
});

describe('waiting before the next try', () => {
  test('grows to a bound and never is the same for everyone', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.double({ min: 0, max: 1, noNaN: true }), (tries, random) => {
        const delay = delayBefore(tries, random);
        expect(delay).toBeGreaterThanOrEqual(FIRST_DELAY / 2);
        expect(delay).toBeLessThanOrEqual(LONGEST_DELAY);
      }),
    );
    expect(delayBefore(5, 0)).toBeLessThan(delayBefore(5, 1));
    expect(delayBefore(6, 0.5)).toBeGreaterThan(delayBefore(1, 0.5));
  });
});

describe('links in a text', () => {
  test('the pieces are the text, and every link is http, https or mailto', () => {
    const word = fc.oneof(
      fc.string(),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.emailAddress(),
      fc.constantFrom(
        'javascript:alert(1)',
        'data:text/html,x',
        '<img src=x onerror=alert(1)>',
        'www.',
        '(see https://a.example/b(c))',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const text = words.join(' ');
        const pieces = linkify(text);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        for (const { href } of pieces) if (href) expect(href).toMatch(/^(https?:\/\/|mailto:)/);
      }),
      { numRuns: 60 },
    );
  });
  test('the full stop after a link is the sentence’s', () => {
    expect(linkify('See https://a.example/x, or (www.b.example).')).toEqual([
      { text: 'See ' },
      { text: 'https://a.example/x', href: 'https://a.example/x' },
      { text: ', or (' },
      { text: 'www.b.example', href: 'https://www.b.example/' },
      { text: ').' },
    ]);
  });
  test('a message of the greatest length is split in no time', () => {
    const began = performance.now();
    for (const part of ['a@', 'www.', 'https://', 'a.', ')', 'x'])
      linkify(part.repeat(LIMITS.text / part.length));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('words and colours', () => {
  test('text on a customer’s colour is readable', () => {
    expect(readableOn('#2f6b4f')).toBe('#fff');
    expect(readableOn('#fff')).toBe('#14171f');
    expect(readableOn('#ffe08a')).toBe('#14171f');
    expect(readableOn('#007bff')).toBe('#fff');
  });
  test('a browser is called as people call it', () => {
    const shown = (agent: string) => browserOf(`Mozilla/5.0 ${agent}`);
    expect(
      shown(
        '(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
      ),
    ).toBe('Chrome 156 on Linux');
    expect(
      shown(
        '(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0',
      ),
    ).toBe('Edge 130 on Windows');
    expect(
      shown(
        '(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      ),
    ).toBe('Safari 17 on iOS');
    expect(shown('(Macintosh; Intel Mac OS X 10.15; rv:131.0) Gecko/20100101 Firefox/131.0')).toBe(
      'Firefox 131 on macOS',
    );
    expect(browserOf('curl/8.5.0')).toBe('curl/8.5.0');
  });
  test('sizes, ages and initials are short', () => {
    expect([sizeOf(812), sizeOf(14_200), sizeOf(3_210_000)]).toEqual(['812 B', '14 KB', '3.2 MB']);
    const now = Date.parse('2026-01-01T12:00:00Z');
    expect([
      ageOf('2026-01-01T11:59:40Z', now),
      ageOf('2026-01-01T11:30:00Z', now),
      ageOf('2026-01-01T09:00:00Z', now),
    ]).toEqual(['now', '30 min', '3 h']);
    expect([initialsOf('Anna Maria Kovács'), initialsOf('bo'), initialsOf('  ')]).toEqual(['AK', 'B', '?']);
  });
});

describe('moments', () => {
  const now = new Date(2026, 2, 31, 22, 30);
  test('are named by their day, as far as that has a name', () => {
    expect(dayOf(now.toISOString(), now)).toBe('Today');
    expect(dayOf(new Date(2026, 2, 30, 23, 59).toISOString(), now)).toBe('Yesterday');
    expect(momentOf(tomorrowMorning(now).toISOString(), now)).toMatch(/^Tomorrow, 0?9:00/);
  });
  test('of the next morning are on the next day, also where a month ends', () =>
    expect(localMinute(tomorrowMorning(now))).toBe('2026-04-01T09:00'));
});

describe('the list of conversations', () => {
  const row = (
    conversation: string,
    version: number,
    more: Partial<ConversationSummary> = {},
  ): ConversationSummary => ({
    conversation,
    number: version,
    version,
    status: 'queued',
    owner: { kind: 'nobody' },
    visitor: {},
    widget: 'widget-abcdefghijkl',
    department: 'general',
    priority: 'medium',
    tags: [],
    messageCount: 1,
    unread: 1,
    startedAt: '2026-01-01T00:00:00Z',
    updatedAt: new Date(1_800_000_000_000 + version * 1_000).toISOString(),
    ...more,
  });
  const queue = { status: 'queued' } as const;

  test('a conversation that no longer fits the filter leaves, a new one enters on top', () => {
    const rows = withChanges([row('a', 2), row('b', 1)], queue, {
      changed: [row('a', 3, { status: 'open' }), row('c', 9)],
      gone: [],
    });
    expect(rows.map((each) => each.conversation)).toEqual(['c', 'b']);
  });
  test('an older version never replaces a newer', () => {
    const rows = withChanges([row('a', 5)], queue, {
      changed: [row('a', 4, { messageCount: 99 })],
      gone: [],
    });
    expect(rows[0]?.messageCount).toBe(1);
    expect(withPage(rows, [row('a', 3)])[0]?.version).toBe(5);
  });
  test('what is gone is gone', () => {
    expect(withChanges([row('a', 1)], queue, { changed: [], gone: ['a'] })).toEqual([]);
  });
  test('mine are those of which I am the owner', () => {
    const mine = { status: 'open', assigned: '7' } as const;
    expect(
      matches(row('a', 1, { status: 'open', owner: { kind: 'agent', id: '7', name: 'Jane' } }), mine),
    ).toBe(true);
    expect(
      matches(row('a', 1, { status: 'open', owner: { kind: 'agent', id: '8', name: 'Tom' } }), mine),
    ).toBe(false);
  });
  test('under a text search a known row is refreshed and an unknown one waits for the server', () => {
    const searching = { status: 'queued', search: 'ann' } as const;
    const rows = withChanges([row('a', 1)], searching, { changed: [row('a', 2), row('b', 3)], gone: [] });
    expect(rows.map((each) => [each.conversation, each.version])).toEqual([['a', 2]]);
  });
  test('the list is bounded', () => {
    const many = Array.from({ length: MOST_ROWS + 50 }, (_, index) => row(`c${index}`, index + 1));
    expect(withPage([], many)).toHaveLength(MOST_ROWS);
  });
});
