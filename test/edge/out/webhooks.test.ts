// The classic webhook on a real log, to a real receiver: what is sent, in which order, how often, and what stops it.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import type { Sender } from '../../../edge/out/webhooks/sender.ts';
import { type Business, openPostOffice, type PostOffice } from './post-office.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let office: PostOffice;
beforeAll(async () => {
  office = await openPostOffice();
});
afterAll(async () => {
  await office?.close();
  expect(office?.faults).toEqual([]);
});

let receiver: Receiver;
let business: Business;
let sender: Sender;
let count = 0;
beforeEach(async () => {
  count += 1;
  receiver = await startReceiver();
  business = await office.found(`business-${count}`);
  sender = office.send();
});
afterEach(async () => {
  await business.hook('', false);
  await sender.close();
  await receiver.close();
});

const texts = () => receiver.taken.map(({ text }) => text);

test('a visitor’s message is posted within a second, with the document’s body and headers', async () => {
  await business.hook(receiver.url);
  const talk = await business.talk('user_am6ysq');
  const took: number[] = [];
  for (let each = 1; each <= 3; each++) {
    const said = Date.now();
    await business.say(talk, 'Hello, I have a question about my order!');
    await receiver.takes(each);
    took.push((receiver.taken.at(-1)?.at ?? Number.POSITIVE_INFINITY) - said);
  }
  // The quickest of three: what else this machine does is not the sender's doing.
  expect(Math.min(...took)).toBeLessThan(1_000);
  const [first] = receiver.taken;
  expect(first?.method).toBe('POST');
  expect(first?.url).toBe('/api/chat-webhook.php');
  expect(first?.headers['content-type']).toBe('application/json');
  expect(first?.id).toMatch(/^msg_\d+$/);
  const body = JSON.parse(first?.body ?? '');
  expect(body.session_data[0].updated_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  expect(body).toEqual({
    session_data: [
      {
        session_id: 'user_am6ysq',
        metadata: {
          user_session: 'Ukraine, Kyiv Oblast, Olenivka (31.43.52.185), Mac, Google Chrome',
          user_id: '2',
          user_name: 'Vitaliy Kaplia',
          user_email: 'vitalii.kaplia@gmail.com',
        },
        updated_at: body.session_data[0].updated_at,
      },
    ],
    message_text: 'Hello, I have a question about my order!',
  });
  await expect
    .poll(() => business.shown(), { timeout: 5_000 })
    .toMatchObject({ pending: 0, delivered: 3, givenUp: 0, last: { ok: true, status: 200 } });
});

test('only what visitors write is told, and only where the webhook was on when it was written', async () => {
  const talk = await business.talk();
  await business.say(talk, 'before it was set');
  await business.hook(receiver.url, false);
  await business.say(talk, 'while it was off');
  await business.hook(receiver.url);
  const agent = await office.parts.desk.ask(business.admin, talk, {
    type: 'PostMessage',
    data: { text: 'by an agent' },
  });
  expect(isRefusal(agent)).toBe(false);
  await business.say(talk, 'while it was on');
  await receiver.takes(1);
  await business.hook(receiver.url, false);
  await business.say(talk, 'while it was off again');
  await business.hook(receiver.url);
  await business.say(talk, 'on again');
  await receiver.takes(2);
  await sleep(300);
  expect(receiver.received.map(({ text }) => text)).toEqual(['while it was on', 'on again']);
});

test('another workspace’s messages go to its own webhook and nowhere else', async () => {
  const [other, theirs] = [await office.found(`other-${count}`), await startReceiver()];
  await business.hook(receiver.url);
  await other.hook(theirs.url);
  const [mine, its] = [await business.talk(), await other.talk()];
  await Promise.all([business.say(mine, 'mine'), other.say(its, 'theirs')]);
  await Promise.all([receiver.takes(1), theirs.takes(1)]);
  await sleep(200);
  expect(texts()).toEqual(['mine']);
  expect(theirs.taken.map(({ text }) => text)).toEqual(['theirs']);
  await other.hook('', false);
  await theirs.close();
});

test('a receiver that was down gets everything once it is back, each session in order and nothing twice', async () => {
  await business.hook(receiver.url);
  await receiver.close();
  const talks = await Promise.all([business.talk(), business.talk(), business.talk()]);
  const expected: Record<string, string[]> = {};
  for (const talk of talks) {
    expected[talk] = Array.from({ length: 5 }, (_, index) => `${index} of ${talk}`);
    for (const text of expected[talk]) await business.say(talk, text);
  }
  await expect
    .poll(() => business.shown(), { timeout: 10_000 })
    .toMatchObject({ last: { ok: false, problem: 'The connection was refused.' } });
  expect((await business.shown()).pending).toBeGreaterThan(0);
  receiver = await startReceiver(receiver.port);
  await receiver.takes(15, 25_000);
  for (const talk of talks)
    expect(receiver.taken.filter(({ session }) => session === talk).map(({ text }) => text)).toEqual(
      expected[talk],
    );
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(receiver.received.length);
  await expect
    .poll(() => business.shown(), { timeout: 5_000 })
    .toMatchObject({ pending: 0, delivered: 15, last: { ok: true } });
}, 60_000);

test('what is refused is tried again under the same id with the same body, after as long as was asked for', async () => {
  await business.hook(receiver.url);
  const talk = await business.talk();
  const answers = [500, 503];
  receiver.answer = (_received, answer) => {
    const status = answers.shift() ?? 200;
    if (status === 503) answer.setHeader('retry-after', '3');
    return status;
  };
  await business.say(talk, 'hear me');
  await business.introduce(talk, 'Somebody Else');
  await business.say(talk, 'and then me');
  await receiver.takes(2, 25_000);
  const tries = receiver.received.filter(({ text }) => text === 'hear me');
  expect(tries).toHaveLength(3);
  expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
  expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
  expect((tries[2]?.at ?? 0) - (tries[1]?.at ?? 0)).toBeGreaterThanOrEqual(3_000);
  expect(texts()).toEqual(['hear me', 'and then me']);
  // Each as it was when it was written.
  const names = receiver.taken.map(({ body }) => JSON.parse(body).session_data[0].metadata.user_name);
  expect(names).toEqual(['Vitaliy Kaplia', 'Somebody Else']);
}, 40_000);

test('what fails for 24 hours is given up, and the session goes on', async () => {
  await sender.close();
  let ahead = 0;
  sender = office.send(() => Date.now() + ahead);
  receiver.answer = ({ text }) => (text === 'never' ? 500 : 200);
  await business.hook(receiver.url);
  const talk = await business.talk();
  await business.say(talk, 'never');
  await business.say(talk, 'but this');
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(texts()).toEqual([]);
  ahead = 24 * 3_600_000;
  await receiver.takes(1);
  expect(texts()).toEqual(['but this']);
  await expect
    .poll(() => business.shown(), { timeout: 5_000 })
    .toMatchObject({ pending: 0, delivered: 1, givenUp: 1 });
}, 40_000);

test('a clock that is set back while a receiver is down holds nothing up', async () => {
  await sender.close();
  let behind = 0;
  sender = office.send(() => Date.now() - behind);
  receiver.answer = () => 503;
  await business.hook(receiver.url);
  const talk = await business.talk();
  await business.say(talk, 'once it is back');
  await expect.poll(async () => (await business.shown()).last?.ok, { timeout: 10_000 }).toBe(false);
  behind = 3_600_000;
  receiver.answer = () => 200;
  await receiver.takes(1);
  expect(texts()).toEqual(['once it is back']);
}, 40_000);

test('one session that the receiver chokes on does not hold up the others', async () => {
  await business.hook(receiver.url);
  const [bad, good] = [await business.talk(), await business.talk()];
  receiver.answer = ({ session }) => (session === bad ? 500 : 200);
  await business.say(bad, 'poison');
  for (let each = 1; each <= 5; each++) await business.say(good, `fine ${each}`);
  await receiver.takes(5);
  expect(texts()).toEqual(['fine 1', 'fine 2', 'fine 3', 'fine 4', 'fine 5']);
  await expect.poll(async () => (await business.shown()).pending, { timeout: 5_000 }).toBe(1);
}, 40_000);

test('a receiver that hangs holds up nobody else', async () => {
  const slow = await office.found(`slow-${count}`);
  const hanging = await startReceiver();
  hanging.answer = () => undefined;
  await slow.hook(hanging.url);
  await business.hook(receiver.url);
  const talks = await Promise.all(Array.from({ length: 20 }, () => slow.talk()));
  for (const talk of talks) await slow.say(talk, 'into the void');
  const talk = await business.talk();
  const said = Date.now();
  await business.say(talk, 'quick');
  const [first] = await receiver.takes(1);
  expect((first?.at ?? 0) - said, 'long before the other one is given up').toBeLessThan(5_000);
  expect(hanging.received.length, 'so many at once, and no more').toBe(4);
  await slow.hook('', false);
  await hanging.close();
}, 40_000);

test('410 switches it off, and says why', async () => {
  await business.hook(receiver.url);
  const talk = await business.talk();
  receiver.answer = () => 410;
  await business.say(talk, 'anybody there?');
  await expect
    .poll(() => business.shown(), { timeout: 10_000 })
    .toMatchObject({ enabled: false, gone: true, last: { ok: false, status: 410 } });
  await business.say(talk, 'nobody');
  await sleep(500);
  expect(receiver.received).toHaveLength(1);
});

test('a redirect is not followed', async () => {
  const target = await startReceiver();
  await business.hook(receiver.url);
  receiver.answer = (_received, answer) => {
    answer.setHeader('location', target.url);
    return 307;
  };
  await business.say(await business.talk(), 'follow me');
  await expect
    .poll(() => business.shown(), { timeout: 10_000 })
    .toMatchObject({ last: { ok: false, status: 307, problem: expect.stringContaining('not followed') } });
  expect(target.received).toEqual([]);
  await target.close();
});

test('a new address gets at once what the old one did not take', async () => {
  const better = await startReceiver();
  receiver.answer = () => 500;
  await business.hook(receiver.url);
  await business.say(await business.talk(), 'at last');
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBeGreaterThan(2);
  await business.hook(better.url);
  const [first] = await better.takes(1, 3_000);
  expect(first?.id).toBe(receiver.received[0]?.id);
  expect(first?.body).toBe(receiver.received[0]?.body);
  await better.close();
}, 40_000);

test('what was erased before it could be sent is not sent', async () => {
  receiver.answer = () => 500;
  await business.hook(receiver.url);
  const talk = await business.talk();
  await business.say(talk, 'forget me');
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const erased = await office.parts.desk.ask(business.admin, talk, { type: 'EraseConversation', data: {} });
  expect(isRefusal(erased)).toBe(false);
  const tried = receiver.received.length;
  receiver.answer = () => 200;
  await expect.poll(async () => (await business.shown()).pending, { timeout: 10_000 }).toBe(0);
  expect(receiver.received.length - tried).toBeLessThanOrEqual(1);
  expect(receiver.taken).toEqual([]);
}, 40_000);

describe('a sender that ends', () => {
  test('and another that begins go on where it was: nothing twice, nothing lost, in order', async () => {
    await business.hook(receiver.url);
    const talk = await business.talk();
    for (let each = 1; each <= 10; each++) await business.say(talk, `first ${each}`);
    await receiver.takes(10);
    await sender.close();
    for (let each = 1; each <= 10; each++) await business.say(talk, `second ${each}`);
    sender = office.send();
    await receiver.takes(20);
    await sleep(300);
    const expected = ['first', 'second'].flatMap((part) =>
      Array.from({ length: 10 }, (_, index) => `${part} ${index + 1}`),
    );
    expect(receiver.received.map(({ text }) => text)).toEqual(expected);
  });

  test('leaves what it owed to the next one, with its bound kept', async () => {
    receiver.answer = () => 503;
    await business.hook(receiver.url);
    const talks = await Promise.all(Array.from({ length: 30 }, () => business.talk()));
    // More than a webhook may owe at once.
    await Promise.all(
      talks.map(async (talk) => {
        for (let each = 1; each <= 20; each++) await business.say(talk, String(each));
      }),
    );
    await expect.poll(async () => (await business.shown()).pending, { timeout: 20_000 }).toBeGreaterThan(400);
    expect((await business.shown()).pending).toBeLessThanOrEqual(500);
    await sender.close();
    receiver.answer = () => 200;
    sender = office.send();
    await receiver.takes(600, 60_000);
    for (const talk of talks)
      expect(
        receiver.taken.filter(({ session }) => session === talk).map(({ text }) => Number(text)),
      ).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(new Set(receiver.taken.map(({ id }) => id)).size).toBe(600);
    await expect
      .poll(() => business.shown(), { timeout: 5_000 })
      .toMatchObject({ pending: 0, delivered: 600 });
  }, 150_000);
});
