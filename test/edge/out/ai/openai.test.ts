// A model behind an endpoint: what is asked, what the visitor sees of the answer, and what all may go wrong on the way.
import { afterEach, describe, expect, test } from 'vitest';
import type { Question } from '../../../../edge/out/ai/answerer.ts';
import { OpenAiAnswerer, type OpenAiOptions } from '../../../../edge/out/ai/openai.ts';
import {
  done,
  finish,
  head,
  type Manner,
  piece,
  says,
  sends,
  silent,
  startEndpoint,
  status,
  type TestEndpoint,
  usage,
} from './endpoint.ts';

const question: Question = {
  persona: { businessName: 'Acme', prompt: '', tone: 'friendly', model: undefined, temperature: 0.3 },
  messages: [{ from: 'visitor', text: 'How long does delivery take?' }],
  passages: [
    { article: 'a1', title: 'Delivery', text: 'Delivery takes three days.', rank: 0.9 },
    { article: 'a2', title: 'Returns', text: 'Returns are free for 30 days.', rank: 0.4 },
  ],
};
const key = 'sk-very-secret';

let endpoint: TestEndpoint;
let answerer: OpenAiAnswerer;
let troubles: unknown[];
let pauses: number[];
afterEach(async () => {
  await answerer.close();
  await endpoint.close();
  expect(JSON.stringify(troubles)).not.toContain(key);
});

/** An answerer that does not wait between its tries, at an endpoint with these manners. */
async function open(options: Partial<OpenAiOptions>, ...manners: Manner[]): Promise<void> {
  endpoint = await startEndpoint(...manners);
  troubles = [];
  pauses = [];
  answerer = new OpenAiAnswerer({
    baseUrl: endpoint.url,
    apiKey: key,
    model: 'acme/default',
    chance: () => 1,
    pause: async (ms) => {
      pauses.push(ms);
    },
    onTrouble: (trouble) => troubles.push(trouble),
    ...options,
  });
}

async function ask(signal = new AbortController().signal, asked = question) {
  const heard: string[] = [];
  const answer = await answerer.answer(asked, (text) => heard.push(text), signal);
  return { answer, heard };
}

describe('an answer', () => {
  test('is streamed as it is written, and told with model, tokens, sources and confidence', async () => {
    await open({}, says('Three ', 'days', ' [1].', '\n[[confidence: ', '0.9; sources: 1]', ']'));
    const { answer, heard } = await ask();
    expect(answer).toEqual({
      text: 'Three days [1].',
      model: 'acme/large',
      promptTokens: 120,
      completionTokens: 34,
      sources: [{ article: 'a1', title: 'Delivery' }],
      confidence: 0.9,
    });
    expect(heard.at(-1)).toBe('Three days [1].');
    for (const text of heard) expect('Three days [1].'.startsWith(text)).toBe(true);
    const [asked] = endpoint.asked;
    expect(asked?.path).toBe('/v1/chat/completions');
    expect(asked?.headers.authorization).toBe(`Bearer ${key}`);
    expect(asked?.body).toMatchObject({
      model: 'acme/default',
      temperature: 0.3,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(asked?.body.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  test('comes from the persona’s model, and without a key where there is none', async () => {
    await open({ apiKey: undefined }, says('Yes.'));
    await ask(undefined, { ...question, persona: { ...question.persona, model: 'acme/own' } });
    expect(endpoint.asked[0]?.body.model).toBe('acme/own');
    expect(endpoint.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('is the same however its bytes are split, with comments, CRLF and characters of several bytes', async () => {
    const body = [
      ': OPENROUTER PROCESSING\n\n',
      piece('Drei Tage — für '),
      ': OPENROUTER PROCESSING\n\n',
      `event: message\nid: 7\n${piece('日本 🚚.')}`,
      finish(),
      usage(9, 8),
      done,
    ]
      .join('')
      .replaceAll('\n', '\r\n');
    await open({}, sends(body, 1), sends(body, 2), sends(body, 3), sends(body, 7), sends(body));
    for (let each = 0; each < 5; each += 1) {
      const { answer } = await ask();
      expect(answer).toMatchObject({
        text: 'Drei Tage — für 日本 🚚.',
        promptTokens: 9,
        completionTokens: 8,
      });
    }
    expect(troubles).toEqual([]);
  });

  test('may come whole, whatever was asked for', async () => {
    const whole = {
      model: 'acme/small',
      choices: [{ message: { role: 'assistant', content: 'Three days [1].' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 6 },
    };
    await open({}, sends(JSON.stringify(whole), 10, 'application/json'));
    const { answer, heard } = await ask();
    expect(answer).toMatchObject({
      text: 'Three days [1].',
      model: 'acme/small',
      promptTokens: 5,
      confidence: 0.5,
    });
    expect(heard).toEqual(['Three days [1].']);
  });

  test('may end without [DONE], and with it without a reason', async () => {
    await open(
      {},
      sends(piece('Yes.') + finish()),
      sends(piece('Yes.') + done),
      sends(piece('Yes.') + finish().trimEnd()),
    );
    for (let each = 0; each < 3; each += 1) expect((await ask()).answer).toMatchObject({ text: 'Yes.' });
  });

  test('whose tokens nobody counted counts all the same', async () => {
    await open({}, sends(piece('x'.repeat(400)) + finish() + done));
    const { answer } = await ask();
    expect(answer).toMatchObject({ completionTokens: 100 });
    const sent = endpoint.asked[0]?.body.messages.reduce((sum, { content }) => sum + content.length, 0) ?? 0;
    expect(answer).toMatchObject({ promptTokens: Math.ceil(sent / 4) });
  });

  test('that grows too long is cut at a sentence, and no more of it is read', async () => {
    let ended = false;
    await open({}, async (response) => {
      head(response);
      response.on('close', () => (ended = true));
      while (!ended) {
        response.write(piece('This is a sentence of some length. '));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const { answer, heard } = await ask();
    if ('failed' in answer) throw new Error(answer.failed);
    expect(answer.text.length).toBeLessThanOrEqual(4_000);
    expect(answer.text.length).toBeGreaterThan(3_900);
    expect(answer.text.endsWith('length.')).toBe(true);
    expect(heard.at(-1)).toBe(answer.text);
    expect(answer.completionTokens).toBeGreaterThan(900);
  });

  test('is there though its count of tokens never comes', async () => {
    await open({ limits: { silenceMs: 500 } }, (response) => {
      head(response);
      response.write(piece('Yes.') + finish());
    });
    expect((await ask()).answer).toMatchObject({ text: 'Yes.' });
  });
});

describe('trouble', () => {
  const rubbish: [string, Manner, string][] = [
    [
      'a page with status 200',
      sends('<!doctype html><html>Bad gateway</html>', 5, 'text/html'),
      'unreadable',
    ],
    ['JSON that is none', sends(`data: {"choices":[{"delta":\n\n${done}`), 'unreadable'],
    ['JSON of another kind', sends(`data: {"hello":1}\n\n${done}`), 'unreadable'],
    ['a whole answer of another kind', sends('{"hello":1}', 3, 'application/json'), 'unreadable'],
    ['half a stream', sends(piece('Three days')), 'unreadable'],
    ['half an event', sends(piece('Three') + finish().slice(0, 30)), 'unreadable'],
    [
      'no UTF-8',
      sends(Buffer.concat([Buffer.from(piece('Three')), Buffer.from([0x64, 0xff, 0xfe])])),
      'unreadable',
    ],
    ['nothing', sends(''), 'empty'],
    ['no text', sends(finish() + done), 'empty'],
    ['only the line for us', says('[[confidence: 0.9]]'), 'empty'],
    ['a fault of the server', status(500), 'unavailable'],
    ['a busy server', status(503), 'unavailable'],
    ['a conflict', status(409), 'unavailable'],
    ['a request that took too long for it', status(408), 'time-out'],
    ['a limit', status(429), 'rate-limited'],
    [
      'an error within the stream',
      sends(`${piece('Three')}data: {"error":{"code":502,"message":"x"},"choices":[]}\n\n`),
      'unavailable',
    ],
    ['a limit within the stream', sends(`data: {"error":{"code":"429","message":"x"}}\n\n`), 'rate-limited'],
    ['an error instead of a stream', sends('{"error":"overloaded"}', 4, 'application/json'), 'unavailable'],
    ['a stream that says it failed', sends(piece('Thr') + finish('error') + done), 'unavailable'],
    ['more bytes than anybody reads', sends(`: ${'x'.repeat(2 * 1024 * 1024)}`, 65_536), 'unreadable'],
    [
      'a connection that breaks',
      (response) => {
        head(response);
        response.write(piece('Three'), () => response.destroy());
      },
      'unavailable',
    ],
    ['a door that is slammed', (response) => void response.destroy(), 'unavailable'],
  ];
  test.each(rubbish)('%s is tried three times in all', async (_, manner, failed) => {
    await open({}, manner);
    expect((await ask()).answer).toEqual({ failed, attempts: 3 });
    expect(endpoint.asked).toHaveLength(3);
    expect(troubles).toHaveLength(3);
    expect(pauses).toEqual([500, 1_000]);
  });

  test.each([400, 401, 402, 403, 404, 422, 302])('%i is not tried again', async (code) => {
    await open({}, status(code, {}, `{"error":{"message":"Incorrect API key provided: ${key}"}}`));
    expect((await ask()).answer).toEqual({ failed: 'refused', attempts: 1 });
    expect(troubles).toEqual([{ failed: 'refused', status: code, attempt: 1 }]);
  });

  test('an answer that the endpoint itself withholds is not asked for again', async () => {
    await open({}, sends(finish('content_filter') + done));
    expect((await ask()).answer).toEqual({ failed: 'refused', attempts: 1 });
  });

  test('an endpoint that nobody serves is unavailable', async () => {
    await open({}, silent);
    await endpoint.close();
    expect((await ask()).answer).toEqual({ failed: 'unavailable', attempts: 3 });
    endpoint = await startEndpoint(silent);
  });

  test('that passes costs a try: the text is heard anew from its beginning', async () => {
    await open({}, sends(piece('Four days, or')), says('Three', ' days.'));
    const { answer, heard } = await ask();
    expect(answer).toMatchObject({ text: 'Three days.' });
    const again = heard.findIndex((text) => text.startsWith('T'));
    expect(again).toBeGreaterThan(0);
    expect(heard.slice(0, again).every((text) => 'Four days, or'.startsWith(text))).toBe(true);
    expect(heard.slice(again).every((text) => 'Three days.'.startsWith(text))).toBe(true);
  });

  test('asks for patience in seconds or until a moment, and gets a bounded one', async () => {
    const now = Date.parse('2026-11-28T12:00:00.000Z');
    const until = new Date(now + 7_000).toUTCString();
    await open(
      { now: () => now, limits: { attempts: 5 } },
      status(429, { 'retry-after': '3' }),
      status(503, { 'retry-after': until }),
      status(429, { 'retry-after': '86400' }),
      status(429, { 'retry-after': 'soon' }),
      says('Yes.'),
    );
    expect((await ask()).answer).toMatchObject({ text: 'Yes.' });
    expect(pauses).toEqual([3_000, 7_000, 20_000, 4_000]);
  });
});

describe('time', () => {
  const late: [string, Partial<OpenAiOptions['limits']>, Manner][] = [
    ['no head', { headersMs: 30 }, silent],
    [
      'no first byte',
      { firstByteMs: 30 },
      (response) => {
        head(response);
        response.flushHeaders();
      },
    ],
    [
      'silence in the midst of it',
      { silenceMs: 50 },
      (response) => {
        head(response);
        response.write(piece('Three'));
      },
    ],
  ];
  test.each(late)('%s is a time-out, tried again', async (_, limits, manner) => {
    await open({ limits }, manner);
    expect((await ask()).answer).toEqual({ failed: 'time-out', attempts: 3 });
  });

  test('for the whole turn ends whatever is under way, be it kept alive by comments', async () => {
    await open({ limits: { wholeMs: 100 } }, async (response) => {
      head(response);
      while (!response.destroyed) {
        response.write(': OPENROUTER PROCESSING\n\n');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    expect((await ask()).answer).toEqual({ failed: 'time-out', attempts: 1 });
  });

  test('for the whole turn ends a pause as well', async () => {
    await open({ limits: { wholeMs: 1_000 }, pause: undefined }, status(429, { 'retry-after': '20' }));
    expect((await ask()).answer).toEqual({ failed: 'rate-limited', attempts: 1 });
  });

  test('is over when it is told so: nothing is heard or tried any more', async () => {
    let open_: (() => void) | undefined;
    const written = new Promise<void>((resolve) => (open_ = resolve));
    await open({}, (response) => {
      head(response);
      response.write(piece('Three'), () => open_?.());
    });
    const stop = new AbortController();
    const asked = ask(stop.signal);
    await endpoint.hears(1);
    await written;
    stop.abort();
    expect((await asked).answer).toEqual({ failed: 'aborted', attempts: 1 });
    expect(endpoint.asked).toHaveLength(1);
    expect((await ask(AbortSignal.abort())).answer).toEqual({ failed: 'aborted', attempts: 0 });
    expect(endpoint.asked).toHaveLength(1);
  });

  test('of a pause is over as well', async () => {
    const stop = new AbortController();
    await open(
      {
        pause: async () => {
          stop.abort();
        },
      },
      status(500),
    );
    expect((await ask(stop.signal)).answer).toEqual({ failed: 'aborted', attempts: 1 });
    expect(endpoint.asked).toHaveLength(1);
  });
});

test('what the hearer throws is not the endpoint’s fault', async () => {
  await open({}, says('Three', ' days.'));
  const heard = answerer.answer(
    question,
    () => {
      throw new Error('the socket is gone');
    },
    new AbortController().signal,
  );
  await expect(heard).rejects.toThrow('the socket is gone');
});
