// Which language a text is in, as far as a few small words and letters can tell.
import { describe, expect, test } from 'vitest';
import { LANGUAGES, languageOf } from '../../../../edge/out/ai/language.ts';
import { SENTENCES } from '../../../../edge/out/ai/sentences.ts';
import { smallTalkOf } from '../../../../edge/out/ai/small-talk.ts';

const questions = {
  en: ['How long does delivery take?', 'where is my order', 'Can I return this?'],
  de: ['Wie lange dauert die Lieferung?', 'wo ist meine Bestellung', 'Kann ich das zurückgeben?'],
  fr: ['Combien de temps prend la livraison ?', 'où est ma commande', 'Puis-je retourner cet article ?'],
  es: ['¿Cuánto tarda el envío?', 'donde esta mi pedido', '¿Puedo devolver esto?'],
  pt: ['Quanto tempo demora a entrega?', 'onde está o meu pedido', 'Posso devolver isso?'],
  it: ['Quanto tempo ci vuole per la consegna?', 'dov’è il mio ordine', 'Posso restituire questo articolo?'],
  nl: ['Hoe lang duurt de levering?', 'waar is mijn bestelling', 'Kan ik dit retourneren?'],
  pl: ['Jak długo trwa dostawa?', 'gdzie jest moje zamówienie', 'Czy mogę to zwrócić?'],
  uk: ['Скільки триває доставка?', 'де моє замовлення', 'Чи можу я це повернути?'],
  tr: ['Teslimat ne kadar sürer?', 'siparişim nerede', 'Bunu iade edebilir miyim?'],
  ar: ['كم تستغرق مدة التوصيل؟', 'أين طلبي', 'هل يمكنني إرجاع هذا؟'],
  ja: ['配送にはどのくらいかかりますか？', '注文はどこですか', 'iPhone 15 Pro を返品できますか'],
} as const;

describe.each(LANGUAGES)('%s', (language) => {
  test.each(questions[language])('is what %j is in', (question) => {
    expect(languageOf(question)).toBe(language);
  });

  test('is what our own sentences in it are in', () => {
    for (const sentence of [SENTENCES[language].cannotAnswer, SENTENCES[language].limitReached])
      expect(languageOf(sentence)).toBe(language);
  });
});

test.each([
  '',
  '12345',
  '👋',
  'ok',
  'Ferrari 458',
  'Где мой заказ?',
  'Можно вернуть это?',
  'چگونه می‌توانم سفارش دهم؟',
  '您好，我的订单在哪里',
  '배송은 얼마나 걸리나요',
  'Πού είναι η παραγγελία μου;',
])('%j cannot be told, or is none of ours', (text) => {
  expect(languageOf(text)).toBeUndefined();
});

describe('small talk', () => {
  test.each([
    ['Hello', 'greeting', 'en'],
    ['hi there!', 'greeting', 'en'],
    ['Good morning 👋', 'greeting', 'en'],
    ['Hello, how are you?', 'greeting', 'en'],
    ['ok, thank you so much!', 'thanks', 'en'],
    ['thanks for your help', 'thanks', 'en'],
    ['bye', 'goodbye', 'en'],
    ['Guten Tag', 'greeting', 'de'],
    ['Vielen Dank für Ihre Hilfe!', 'thanks', 'de'],
    ['Tschüss', 'goodbye', 'de'],
    ['Bonjour à tous', 'greeting', 'fr'],
    ['Ça va ?', 'greeting', 'fr'],
    ['merci beaucoup', 'thanks', 'fr'],
    ['Au revoir !', 'goodbye', 'fr'],
    ['¡Hola! ¿Qué tal?', 'greeting', 'es'],
    ['Muchas gracias', 'thanks', 'es'],
    ['Olá, bom dia', 'greeting', 'pt'],
    ['Obrigada!', 'thanks', 'pt'],
    ['Buongiorno', 'greeting', 'it'],
    ['Grazie mille', 'thanks', 'it'],
    ['Goedemorgen', 'greeting', 'nl'],
    ['Dank je wel', 'thanks', 'nl'],
    ['Dzień dobry', 'greeting', 'pl'],
    ['Dziękuję bardzo!', 'thanks', 'pl'],
    ['Добрий день!', 'greeting', 'uk'],
    ['Дуже дякую', 'thanks', 'uk'],
    ['Merhaba', 'greeting', 'tr'],
    ['Teşekkür ederim', 'thanks', 'tr'],
    ['السلام عليكم', 'greeting', 'ar'],
    ['شكراً جزيلاً', 'thanks', 'ar'],
    ['こんにちは', 'greeting', 'ja'],
    ['ありがとうございます。', 'thanks', 'ja'],
  ])('%j is a %s in %s', (text, kind, language) => {
    expect(smallTalkOf(text)).toEqual({ kind, language });
  });

  test('in a word of several languages is in that of the conversation', () => {
    expect(smallTalkOf('Hallo')?.language).toBe('de');
    expect(smallTalkOf('Hallo', 'nl')?.language).toBe('nl');
  });

  test.each([
    'Hello, where is my order?',
    'thanks but that is wrong',
    'hi I need help',
    'ok',
    'Danke, aber wo ist mein Paket?',
    'こんにちは、注文はどこですか',
    '',
    '👍',
  ])('is not %j', (text) => {
    expect(smallTalkOf(text)).toBeUndefined();
  });
});
