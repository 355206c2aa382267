// Who may not, on every route there is: without a token, with a worthless one, in the wrong role, of another business, for what is not there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guestToken, worthless } from './credentials.ts';
import { asItIs } from './sent.ts';
import { Stage, type Subject } from './stage.ts';
import { Trial } from './trial.ts';

let stage: Stage;
let tokens: Readonly<Record<string, string>>;

beforeAll(async () => {
  stage = await Stage.open();
  tokens = await worthless(stage);
}, 120_000);

afterAll(async () => {
  await stage?.close();
});

const CREDENTIALS = /^(?:authorization|x-api-key|x-visitor-token)$/i;
const accessOf = ({ route }: Subject) => route.description?.access;
const having = (...kinds: readonly (string | undefined)[]) =>
  stage.subjects.filter((subject) => kinds.includes(accessOf(subject)));

/** The headers without what proves anything. */
function bare(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.test(name)));
}

function without(values: unknown, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries((values ?? {}) as object).filter(([key]) => key !== name));
}

async function tried(
  subjects: readonly Subject[],
  run: (trial: Trial, subject: Subject) => Promise<void>,
): Promise<void> {
  const faults: string[] = [];
  for (const subject of subjects) {
    const trial = await Trial.begin(stage, subject);
    await run(trial, subject);
    faults.push(...(await trial.end()));
  }
  expect(faults).toEqual([]);
  expect(subjects.length).toBeGreaterThan(0);
}

test('users’ routes let nobody in without a token that holds', async () => {
  const guest = await guestToken(stage);
  await tried(having('user', 'admin'), async (trial) => {
    const { headers } = trial.prepared;
    const with_ = (what: string, more: Record<string, string>) =>
      trial.send({ ...asItIs(trial.prepared, what), headers: { ...bare(headers), ...more } }, [401]);
    await with_('no token', {});
    await with_('basic', { authorization: 'Basic YWRtaW46YWRtaW4=' });
    await with_('a guest’s token', { authorization: `Bearer ${guest}` });
    await with_('an API token', { authorization: `Bearer ${await stage.world.apiToken()}` });
    for (const [what, token] of Object.entries(tokens))
      await with_(what, { authorization: `Bearer ${token}` });
  });
}, 120_000);

test('admins’ routes let no agent in', async () => {
  const jane = await stage.world.tokenOf(stage.world.user(stage.world.jane));
  await tried(having('admin'), async (trial) => {
    const headers = { ...bare(trial.prepared.headers), authorization: `Bearer ${jane}` };
    await trial.send({ ...asItIs(trial.prepared, 'an agent'), headers }, [403]);
  });
}, 60_000);

test('the support dialect lets nobody in without a token or key that holds', async () => {
  await tried(having('support'), async (trial) => {
    const { headers } = trial.prepared;
    const with_ = (what: string, more: Record<string, string>) =>
      trial.send({ ...asItIs(trial.prepared, what), headers: { ...bare(headers), ...more } }, [401]);
    await with_('nothing', {});
    for (const [what, token] of Object.entries(tokens)) {
      await with_(what, { authorization: `Bearer ${token}` });
      await with_(`key: ${what}`, { 'x-api-key': token });
    }
  });
}, 60_000);

test('the token dialect lets nobody in without the token, wherever it stands', async () => {
  await tried(having('api'), async (trial) => {
    const prepared = {
      ...trial.prepared,
      headers: bare(trial.prepared.headers),
      query: without(trial.prepared.query, 'token'),
      ...(trial.prepared.body === undefined ? {} : { body: without(trial.prepared.body, 'token') }),
    };
    await trial.send(asItIs(prepared, 'nothing'), [403]);
    for (const [what, token] of Object.entries(tokens)) {
      const query = { ...prepared.query, token };
      await trial.send(asItIs({ ...prepared, query }, `query: ${what}`), [403]);
      const headers = { ...prepared.headers, authorization: `Bearer ${token}` };
      await trial.send({ ...asItIs(prepared, what), headers }, [403]);
      if (prepared.body === undefined) continue;
      await trial.send(asItIs({ ...prepared, body: { ...prepared.body, token } }, `body: ${what}`), [403]);
    }
  });
}, 60_000);

test('a visitor token that is sent must hold, where a session has one', async () => {
  const ofSessions = having('guest', 'either').filter(({ route }) => /:sessionId|:id\b/.test(route.path));
  await tried(ofSessions, async (trial) => {
    const all = { ...tokens, 'of another session': stage.stranger.session.visitorToken };
    for (const [what, token] of Object.entries(all)) {
      const headers = { ...bare(trial.prepared.headers), 'x-visitor-token': token };
      await trial.send({ ...asItIs(trial.prepared, what), headers }, [401, 404]);
    }
  });
}, 60_000);

test('who comes with a token that has ended is not taken for the visitor', async () => {
  await tried(having('either'), async (trial) => {
    const form = `--b\r\ncontent-disposition: form-data; name="sessionId"\r\n\r\n${trial.scene.session?.id}\r\n--b--\r\n`;
    for (const [what, token] of Object.entries(tokens)) {
      const headers = { ...bare(trial.prepared.headers), authorization: `Bearer ${token}` };
      const request = { ...asItIs(trial.prepared, what), headers, text: form };
      await trial.send({ ...request, type: 'multipart/form-data; boundary=b' }, [401]);
    }
  });
}, 60_000);

/** What stands for a thing of a business, in an address or a body. */
const THINGS: Readonly<Record<string, RegExp>> = {
  session: /^(?:session_?id|conversation)$/i,
  widget: /^site_?key$/i,
};

function foreignThings({ route: { path } }: Subject, values: unknown): Record<string, unknown> | undefined {
  const { session, siteKey, admin } = stage.stranger;
  let found = false;
  const entries = Object.entries((values ?? {}) as object).map(([key, value]) => {
    const kind = Object.keys(THINGS).find((name) => THINGS[name]?.test(key)) ?? ownId(path, key);
    if (kind === undefined) return [key, value];
    found = true;
    return [key, kind === 'session' ? session.id : kind === 'widget' ? siteKey : String(admin.number)];
  });
  return found ? Object.fromEntries(entries) : undefined;
}

function ownId(path: string, key: string): string | undefined {
  if (key !== 'id') return undefined;
  return path.startsWith('/api/agents/:id')
    ? 'agent'
    : path.includes('/conversations/:id')
      ? 'session'
      : undefined;
}

test('what is another business’s is not there, and nothing happens to it', async () => {
  await tried(having('user', 'admin', 'either', 'support', 'api'), async (trial, subject) => {
    const params = foreignThings(subject, trial.prepared.params);
    // In an address it is not there; in a body it may be something else that is wrong.
    if (params) await trial.send(asItIs({ ...trial.prepared, params }, 'their id'), [404]);
    const body = foreignThings(subject, trial.prepared.body);
    if (body && accessOf(subject) !== 'support')
      await trial.send(asItIs({ ...trial.prepared, body }, 'their id in the body'), [400, 403, 404]);
  });
}, 60_000);

test('another business’s admin finds nothing of ours', async () => {
  const token = await stage.world.tokenOf(stage.stranger.admin);
  await tried(having('user', 'admin', 'either'), async (trial, subject) => {
    if (!foreignThings(subject, trial.prepared.params)) return;
    const headers = { ...bare(trial.prepared.headers), authorization: `Bearer ${token}` };
    await trial.send({ ...asItIs(trial.prepared, 'their admin'), headers }, [404]);
  });
}, 60_000);

test('what does not exist is not found', async () => {
  const named = stage.subjects.filter(({ route }) => /:(?:sessionId|id|siteKey)\b/.test(route.path));
  await tried(named, async (trial) => {
    for (const unknown of ['999999999999', 'no-such-thing-at-all', 'widget-nothere2345a']) {
      const params = Object.fromEntries(Object.keys(trial.prepared.params).map((name) => [name, unknown]));
      const may = unknown === '999999999999' ? [404] : [400, 404];
      await trial.send(asItIs({ ...trial.prepared, params }, unknown), may);
    }
  });
}, 60_000);
