// One conversation in every dialect: what is said in one is seen in every other within a second, on its sockets, in its histories and by its webhook, whichever edge people are at.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dialects, eachDialect, seen } from './every-dialect-clients.ts';

/** Milliseconds in which a message is seen everywhere (the project's promise). */
const WITHIN = 1_000;

let dialects: Dialects;
const rows: string[] = [];

beforeAll(async () => {
  dialects = await eachDialect();
}, 60_000);

afterAll(async () => {
  await dialects?.close();
  if (rows.length > 0)
    console.info(`milliseconds until a message was seen everywhere else\n${rows.join('\n')}`);
});

test('a message said in any dialect is heard by every socket it is for, and stands in every history, within a second', async () => {
  const { mouths, ears, histories } = dialects;
  // Compilers and caches are warm in a running system.
  for (const mouth of mouths) await mouth.say(`warm-up by ${mouth.name}`);
  for (const mouth of mouths) {
    const text = `said by ${mouth.name}`;
    const begun = performance.now();
    const spoken = mouth.say(text);
    const times = await Promise.all([
      ...ears
        .filter(({ hears }) => hears.includes(mouth.side))
        .map(
          async (ear) => [ear.name, await seen(begun, WITHIN, ear.name, text, () => ear.texts())] as const,
        ),
      ...histories.map(async (history) => {
        await spoken;
        return [history.name, await seen(begun, WITHIN, history.name, text, () => history.texts())] as const;
      }),
    ]);
    await spoken;
    rows.push(`  ${mouth.name}: ${times.map(([name, ms]) => `${name} ${ms.toFixed(0)}`).join(', ')}`);
  }
});

test('in the end every history tells the same messages in the same order, and no socket heard one twice', async () => {
  const { mouths, ears, histories } = dialects;
  const spoken = mouths.flatMap(({ name }) => [`said by ${name}`]);
  for (const history of histories) {
    const told = (await history.texts()).filter((text) => text.startsWith('said by '));
    expect([history.name, told]).toEqual([history.name, spoken]);
  }
  for (const ear of ears) {
    const sides = mouths.filter(({ side }) => ear.hears.includes(side));
    const heard = ear.texts().filter((text) => text.startsWith('said by '));
    expect([ear.name, heard]).toEqual([ear.name, sides.map(({ name }) => `said by ${name}`)]);
  }
});
