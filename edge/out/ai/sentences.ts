// What the AI says of itself where it has no answer: few words, in the visitor's language, and nothing that is not so.
import type { Language } from './language.ts';

export interface Sentences {
  /** The endpoint failed: no answer now. Offers a person. */
  readonly cannotAnswer: string;
  /** Nothing that is known answers it. Offers a person. */
  readonly doesNotKnow: string;
  /** The conversation goes to people. */
  readonly personTakesOver: string;
  /** The workspace's spending limit of the day is reached. Offers a person. */
  readonly limitReached: string;
  readonly greeting: string;
  readonly thanks: string;
  readonly goodbye: string;
}

export const SENTENCES: Readonly<Record<Language, Sentences>> = {
  en: {
    cannotAnswer: 'I cannot answer right now. Shall I bring in a person?',
    doesNotKnow: 'I do not know that. Shall I bring in a person?',
    personTakesOver: 'A person will take over from here.',
    limitReached: 'I have reached my limit for today. Shall I bring in a person?',
    greeting: 'Hello! How can I help you?',
    thanks: 'You are welcome! Is there anything else?',
    goodbye: 'Goodbye!',
  },
  de: {
    cannotAnswer: 'Ich kann gerade nicht antworten. Soll ich einen Menschen dazuholen?',
    doesNotKnow: 'Das weiß ich nicht. Soll ich einen Menschen dazuholen?',
    personTakesOver: 'Ab hier übernimmt ein Mensch.',
    limitReached: 'Mein Limit für heute ist erreicht. Soll ich einen Menschen dazuholen?',
    greeting: 'Hallo! Wie kann ich Ihnen helfen?',
    thanks: 'Gern geschehen! Kann ich sonst noch helfen?',
    goodbye: 'Auf Wiedersehen!',
  },
  fr: {
    cannotAnswer: 'Je ne peux pas répondre pour le moment. Voulez-vous parler à une personne ?',
    doesNotKnow: 'Je ne le sais pas. Voulez-vous parler à une personne ?',
    personTakesOver: 'Une personne prend le relais.',
    limitReached: 'J’ai atteint ma limite pour aujourd’hui. Voulez-vous parler à une personne ?',
    greeting: 'Bonjour ! Comment puis-je vous aider ?',
    thanks: 'Avec plaisir ! Puis-je vous aider pour autre chose ?',
    goodbye: 'Au revoir !',
  },
  es: {
    cannotAnswer: 'Ahora mismo no puedo responder. ¿Quiere que avise a una persona?',
    doesNotKnow: 'Eso no lo sé. ¿Quiere que avise a una persona?',
    personTakesOver: 'A partir de aquí le atenderá una persona.',
    limitReached: 'He alcanzado mi límite de hoy. ¿Quiere que avise a una persona?',
    greeting: '¡Hola! ¿En qué puedo ayudarle?',
    thanks: '¡De nada! ¿Necesita algo más?',
    goodbye: '¡Hasta luego!',
  },
  pt: {
    cannotAnswer: 'Não consigo responder neste momento. Quer que eu chame uma pessoa?',
    doesNotKnow: 'Isso eu não sei. Quer que eu chame uma pessoa?',
    personTakesOver: 'A partir daqui, uma pessoa vai continuar o atendimento.',
    limitReached: 'Atingi o meu limite de hoje. Quer que eu chame uma pessoa?',
    greeting: 'Olá! Como posso ajudar?',
    thanks: 'De nada! Posso ajudar em mais alguma coisa?',
    goodbye: 'Até logo!',
  },
  it: {
    cannotAnswer: 'Al momento non posso rispondere. Vuole che chiami una persona?',
    doesNotKnow: 'Questo non lo so. Vuole che chiami una persona?',
    personTakesOver: 'Da qui in poi risponderà una persona.',
    limitReached: 'Ho raggiunto il mio limite per oggi. Vuole che chiami una persona?',
    greeting: 'Buongiorno! Come posso aiutarla?',
    thanks: 'Prego! Posso aiutarla con altro?',
    goodbye: 'Arrivederci!',
  },
  nl: {
    cannotAnswer: 'Ik kan nu geen antwoord geven. Zal ik er een medewerker bij halen?',
    doesNotKnow: 'Dat weet ik niet. Zal ik er een medewerker bij halen?',
    personTakesOver: 'Vanaf hier neemt een medewerker het over.',
    limitReached: 'Mijn limiet voor vandaag is bereikt. Zal ik er een medewerker bij halen?',
    greeting: 'Hallo! Waarmee kan ik u helpen?',
    thanks: 'Graag gedaan! Kan ik nog ergens mee helpen?',
    goodbye: 'Tot ziens!',
  },
  pl: {
    cannotAnswer: 'Nie mogę teraz odpowiedzieć. Czy mam poprosić konsultanta?',
    doesNotKnow: 'Tego nie wiem. Czy mam poprosić konsultanta?',
    personTakesOver: 'Od teraz odpowie konsultant.',
    limitReached: 'Mój limit na dziś został wyczerpany. Czy mam poprosić konsultanta?',
    greeting: 'Dzień dobry! W czym mogę pomóc?',
    thanks: 'Nie ma za co! Czy mogę jeszcze w czymś pomóc?',
    goodbye: 'Do widzenia!',
  },
  uk: {
    cannotAnswer: 'Зараз я не можу відповісти. Покликати людину?',
    doesNotKnow: 'Цього я не знаю. Покликати людину?',
    personTakesOver: 'Далі вам відповість людина.',
    limitReached: 'Мій ліміт на сьогодні вичерпано. Покликати людину?',
    greeting: 'Вітаю! Чим можу допомогти?',
    thanks: 'Будь ласка! Чи можу ще чимось допомогти?',
    goodbye: 'До побачення!',
  },
  tr: {
    cannotAnswer: 'Şu anda yanıt veremiyorum. Sizi bir yetkiliye bağlayayım mı?',
    doesNotKnow: 'Bunu bilmiyorum. Sizi bir yetkiliye bağlayayım mı?',
    personTakesOver: 'Bundan sonra size bir yetkili yanıt verecek.',
    limitReached: 'Bugünkü sınırıma ulaştım. Sizi bir yetkiliye bağlayayım mı?',
    greeting: 'Merhaba! Size nasıl yardımcı olabilirim?',
    thanks: 'Rica ederim! Başka bir konuda yardımcı olabilir miyim?',
    goodbye: 'Hoşça kalın!',
  },
  ar: {
    cannotAnswer: 'لا يمكنني الإجابة الآن. هل تريد أن أحوّلك إلى شخص؟',
    doesNotKnow: 'لا أعرف ذلك. هل تريد أن أحوّلك إلى شخص؟',
    personTakesOver: 'سيتابع معك شخص من الآن.',
    limitReached: 'لقد بلغت الحد المسموح لي اليوم. هل تريد أن أحوّلك إلى شخص؟',
    greeting: 'مرحبًا! كيف يمكنني مساعدتك؟',
    thanks: 'على الرحب والسعة! هل هناك شيء آخر؟',
    goodbye: 'مع السلامة!',
  },
  ja: {
    cannotAnswer: '現在お答えできません。担当者におつなぎしましょうか？',
    doesNotKnow: '申し訳ありませんが、わかりません。担当者におつなぎしましょうか？',
    personTakesOver: 'ここからは担当者が対応いたします。',
    limitReached: '本日の上限に達しました。担当者におつなぎしましょうか？',
    greeting: 'こんにちは！どのようなご用件でしょうか？',
    thanks: 'どういたしまして！ほかにご用件はありますか？',
    goodbye: 'さようなら！',
  },
};

/** What is said where people take over at once: why, without the offer of what is done already. */
export function handedOver(
  language: Language,
  why?: 'cannotAnswer' | 'doesNotKnow' | 'limitReached',
): string {
  const { personTakesOver, ...sentences } = SENTENCES[language];
  if (!why) return personTakesOver;
  const [first] = /^[^.。]*[.。]/u.exec(sentences[why]) ?? [''];
  return [first, personTakesOver].filter((part) => part !== '').join(language === 'ja' ? '' : ' ');
}

const OFFERS = Object.values(SENTENCES).flatMap(({ cannotAnswer, doesNotKnow, limitReached }) => [
  cannotAnswer,
  doesNotKnow,
  limitReached,
]);

/** Whether what the AI said ends with the offer of a person, in whichever language. */
export function offersPerson(text: string): boolean {
  return OFFERS.some((offer) => text.trimEnd().endsWith(offer));
}
