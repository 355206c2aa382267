// Bodies that are none, and requests that come twice or at the wrong time: refused in the documented way, and nothing half done.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Scene } from '../description/scenes.ts';
import { asItIs, type Sent } from './sent.ts';
import { Stage, type Subject } from './stage.ts';
import { Trial } from './trial.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
}, 120_000);

afterAll(async () => {
  await stage?.close();
});

async function tried(
  subjects: readonly Subject[],
  run: (trial: Trial, subject: Subject) => Promise<void>,
  before?: (scene: Scene) => Promise<void>,
): Promise<void> {
  const faults: string[] = [];
  for (const subject of subjects) {
    const trial = await Trial.begin(stage, subject, before);
    await run(trial, subject);
    faults.push(...(await trial.end()));
  }
  expect(faults).toEqual([]);
  expect(subjects.length).toBeGreaterThan(0);
}

const DEEP = 30_000;
/** Bytes past what any body in JSON may have. */
const HUGE = 300 * 1024;

/** What is no JSON. */
const NO_JSON: Readonly<Record<string, string>> = {
  'an open brace': '{',
  'a comma too many': '{"a":1,}',
  'no end of a text': '{"a":"b',
  'half a word': 'nul',
  'single quotes': "{'a':1}",
  'two values': '{"a":1}{"b":2}',
  'a byte order mark and half': '\ufeff{',
  'a NUL': String.fromCharCode(0),
  'a form': 'a=1&b=2',
  markup: '<a>1</a>',
  'open brackets': '['.repeat(DEEP),
};

/** Types that hardly any route takes. */
const NO_TYPES = [
  'text/plain',
  'application/xml',
  'application/octet-stream',
  'nonsense',
  'application/vnd.api+json',
];

test('bodies that are no JSON, of another type, too large or too deep are refused', async () => {
  const withBody = stage.subjects.filter(
    ({ operation }) => operation.requestBody?.content['application/json'],
  );
  await tried(withBody, async (trial, subject) => {
    // This dialect's token is looked for in the body as well.
    const inside = subject.route.description?.access === 'api' ? [401, 403] : [];
    // As of now: what was taken may have ended a token.
    const base = (): Sent => ({ ...asItIs(trial.prepared), type: 'application/json' });
    for (const [what, text] of Object.entries(NO_JSON)) await trial.send({ ...base(), what, text }, [400]);
    const cut = base().text?.slice(0, -1);
    if (cut) await trial.send({ ...base(), what: 'cut off', text: cut }, [400]);
    const taken = subject.operation.requestBody?.content ?? {};
    for (const type of NO_TYPES.filter((one) => !(one in taken)))
      await trial.send({ ...base(), what: type, type }, [415]);
    const huge = `{"filler":"${'x'.repeat(HUGE)}"}`;
    await trial.send({ ...base(), what: 'huge', text: huge }, [413]);
    const deep = '['.repeat(DEEP) + ']'.repeat(DEEP);
    await trial.send({ ...base(), what: 'deep', text: deep }, [400, ...inside]);
    await trial.send({ ...base(), what: 'deep inside', text: `{"a":${deep}}` });
    await trial.send({ ...base(), what: 'empty', text: '' });
    await trial.send({ ...base(), what: 'no boundary', type: 'multipart/form-data' }, [400, 415, ...inside]);
    const form = { type: 'application/x-www-form-urlencoded', text: 'a%ZZ=%00&__proto__=1' };
    await trial.send({ ...base(), what: 'a form of odd letters', ...form }, [400, 415, ...inside]);
  });
}, 120_000);

test('files are not taken as anything but a form', async () => {
  const withFiles = stage.subjects.filter(
    ({ operation }) => operation.requestBody?.content['multipart/form-data'],
  );
  await tried(withFiles, async (trial) => {
    const base: Sent = { ...asItIs({ ...trial.prepared, body: undefined }) };
    const forms: Record<string, [string, string]> = {
      'no boundary': ['multipart/form-data', 'x'],
      'no part': ['multipart/form-data; boundary=b', '--b--\r\n'],
      'no end': [
        'multipart/form-data; boundary=b',
        '--b\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf',
      ],
      'no name': [
        'multipart/form-data; boundary=b',
        '--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--\r\n',
      ],
      __proto__: [
        'multipart/form-data; boundary=b',
        '--b\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--\r\n',
      ],
      text: ['text/plain', 'x'],
      empty: ['multipart/form-data; boundary=b', ''],
    };
    for (const [what, [type, text]] of Object.entries(forms))
      await trial.send({ ...base, what, type, text }, [400, 415]);
  });
}, 60_000);

test('the same request twice is answered twice, in a documented way', async () => {
  const shown = stage.subjects.filter(({ example }) => example !== undefined);
  await tried(shown, async (trial, { example }) => {
    const request = asItIs(trial.prepared, 'for the first time');
    await trial.send(request, [example?.status ?? 200]);
    await trial.send({ ...request, what: 'for the second time' });
    await trial.send(asItIs(trial.prepared, 'again, with credentials as of now'));
    await trial.sendTwice(asItIs(trial.prepared, 'twice at once'));
  });
}, 120_000);

/** What proxies, browsers and pranksters put into headers. */
const ODD_HEADERS = {
  'x-request-id': '../../x y',
  'x-forwarded-for': 'nobody, 1.2.3.4.5, ::, 999.1.1.1',
  'user-agent': 'x'.repeat(3_000),
  'accept-language': ';;;,q=,*',
  accept: 'text/nothing;q=x',
  referer: 'http://%%%/',
  cookie: '=;=;__proto__=1',
  'if-none-match': '"x", W/',
  range: 'bytes=9-1',
  'cf-ipcountry': '<b>',
};

test('odd headers change nothing', async () => {
  const shown = stage.subjects.filter(({ example }) => example !== undefined);
  await tried(shown, async (trial) => {
    const right = asItIs(trial.prepared, 'odd headers');
    await trial.send({ ...right, headers: { ...ODD_HEADERS, ...right.headers } });
    const origin = { ...right.headers, origin: 'null' };
    await trial.send({ ...asItIs(trial.prepared, 'no origin'), headers: origin });
  });
}, 60_000);

const ofSessions = () =>
  stage.subjects.filter(
    ({ route, example }) => example !== undefined && /:sessionId\b|conversations\/:id\b/.test(route.path),
  );

async function close({ session }: Scene): Promise<void> {
  if (!session) return;
  await stage.world.tell(session, stage.world.adminPrincipal, { type: 'CloseConversation', data: {} });
}

test('what comes after a session’s end is answered in a documented way', async () => {
  await tried(
    ofSessions(),
    async (trial) => void (await trial.send(asItIs(trial.prepared, 'closed'))),
    close,
  );
}, 60_000);

test('what comes after a session was archived is answered in a documented way', async () => {
  const archive = async (scene: Scene) => {
    await close(scene);
    if (scene.session)
      await stage.world.tell(scene.session, stage.world.adminPrincipal, {
        type: 'ArchiveConversation',
        data: {},
      });
  };
  await tried(
    ofSessions(),
    async (trial) => void (await trial.send(asItIs(trial.prepared, 'archived'))),
    archive,
  );
}, 60_000);

test('what was erased is not there for anybody any more', async () => {
  const erase = async ({ session }: Scene) => {
    if (session)
      await stage.world.tell(session, stage.world.adminPrincipal, { type: 'EraseConversation', data: {} });
  };
  await tried(
    ofSessions(),
    async (trial, { route }) => {
      // To erase it once more is to have it as it was asked for.
      const may = route.method === 'DELETE' ? [200, 204, 404] : [404];
      await trial.send(asItIs(trial.prepared, 'erased'), may);
    },
    erase,
  );
}, 60_000);
