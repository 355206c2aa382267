// A yes to what was offered: in many languages, with a please, and nothing that is more than that.
import { expect, test } from 'vitest';
import { agrees } from '../../../domain/policies/agreement.ts';

test.each([
  'yes',
  'Yes, please!',
  'OK',
  'sure, thank you',
  'Ja',
  'Ja, bitte.',
  'gerne',
  'Oui, s’il vous plaît',
  'Sí, por favor',
  'Sim, por favor',
  'Sì, grazie',
  'Tak, proszę',
  'Так, будь ласка',
  'Да',
  'Evet, lütfen',
  'نعم، من فضلك',
  'はい、お願いします',
  'Ja graag',
  '是的',
])('%s', (text) => expect(agrees(text)).toBe(true));

test.each([
  'no',
  'Nein danke',
  'please',
  '',
  '?',
  'Yes, but how much is it?',
  'yes?',
  'ok so what about my order 1234',
  'I said yes to the offer last week',
  'Ja, aber erst morgen',
])('not: %s', (text) => expect(agrees(text)).toBe(false));
