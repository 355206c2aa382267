// When people take over from the AI: the wish for one in many languages, keywords, failures, doubt.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asksForHuman, handOver, handOverRules } from '../../../domain/policies/handover.ts';

const rules = handOverRules.parse({});
const asked = { text: 'How long does delivery take?', rules, failuresInARow: 0 };

/** Per language: what asks for a human, and what only looks like it. */
const SAID: Record<string, { yes: string[]; no: string[] }> = {
  English: {
    yes: [
      'I want to talk to a human',
      'Can I speak with a real person please?',
      'agent please',
      'Human!',
      'operator',
      'Please connect me to an agent.',
      'transfer me to customer service',
      'I need a real person',
      'This does not help. Let me speak to someone',
      'is there a real person I could talk to?',
      'put me through to a representative',
      'get me a human now',
      'LIVE AGENT',
      'chat with a live agent',
    ],
    no: [
      'I am a human',
      'what is agent orange?',
      'Which number has the human resources department?',
      'I want to contact human resources',
      'no human needed',
      'I don’t want to talk to a human',
      'please do not connect me to an agent',
      'I talked to an agent yesterday and she was great',
      'are human rights part of your policy?',
      'Is this for one person?',
      'It was a human error',
      'I want a human readable invoice',
      'my agent bought it',
      'How many people work for you?',
    ],
  },
  German: {
    yes: [
      'Ich möchte mit einem Menschen sprechen',
      'Kann ich bitte mit einem Mitarbeiter reden?',
      'Mensch bitte',
      'Verbinden Sie mich mit einem Berater',
      'mit einer echten Person sprechen',
      'Ich will einen Mitarbeiter',
      'Mitarbeiter',
      'Geben Sie mir einen Ansprechpartner!',
    ],
    no: [
      'Ich bin ein Mensch',
      'Ich will nicht mit einem Menschen sprechen',
      'Ich brauche keinen Mitarbeiter',
      'Gibt es Mitarbeiterrabatt?',
      'Wie viele Menschen arbeiten bei Ihnen?',
      'Pro Person kostet das was?',
    ],
  },
  French: {
    yes: [
      'Je veux parler à un humain',
      'parler avec un conseiller s’il vous plaît',
      'un humain',
      'Puis-je parler à une vraie personne ?',
      'Passez-moi un agent',
      'Mettez-moi en relation avec un conseiller',
      'conseiller svp',
    ],
    no: [
      'Je suis un humain',
      'Je ne veux pas parler à un humain',
      'Pas besoin d’un conseiller',
      'Le corps humain',
    ],
  },
  Spanish: {
    yes: [
      'Quiero hablar con un humano',
      '¿Puedo hablar con una persona real?',
      'agente por favor',
      'Páseme con un asesor',
      'necesito un operador',
      'Comuníqueme con un representante',
      'una persona',
    ],
    no: [
      'Soy humano',
      'No quiero hablar con un agente',
      'Recursos humanos',
      'mi agente inmobiliario me dijo eso',
    ],
  },
  Portuguese: {
    yes: [
      'Quero falar com um atendente',
      'Posso falar com uma pessoa?',
      'atendente por favor',
      'falar com humano',
      'Me transfira para um atendente',
      'preciso de um atendente',
    ],
    no: ['Sou humano', 'Não quero falar com um atendente', 'recursos humanos', 'quantas pessoas cabem?'],
  },
  Italian: {
    yes: [
      'Vorrei parlare con un operatore',
      'posso parlare con una persona reale?',
      'operatore per favore',
      'voglio un umano',
      'Mi passi un consulente',
    ],
    no: ['Sono un umano', 'Non voglio parlare con un operatore', 'risorse umane', 'il corpo umano'],
  },
  Dutch: {
    yes: [
      'Ik wil met een medewerker praten',
      'Kan ik een mens spreken?',
      'medewerker alsjeblieft',
      'Verbind mij door met een medewerker',
      'ik wil graag een echt persoon spreken',
    ],
    no: ['Ik ben een mens', 'Ik wil niet met een medewerker praten', 'geen mens nodig', 'Per persoon?'],
  },
  Polish: {
    yes: [
      'Chcę rozmawiać z człowiekiem',
      'Proszę połączyć mnie z konsultantem',
      'konsultant',
      'Połącz mnie z konsultantem',
      'czy mogę porozmawiać z kimś?',
    ],
    no: ['Jestem człowiekiem', 'Nie chcę rozmawiać z konsultantem', 'prawa człowieka'],
  },
  Ukrainian: {
    yes: [
      'Хочу поговорити з людиною',
      'З’єднайте мене з оператором',
      'оператор',
      'Покличте менеджера',
      'потрібен оператор',
    ],
    no: [
      'Я людина',
      'Не хочу говорити з оператором',
      'Який у вас оператор мобільного зв’язку?',
      'Скільки людей працює?',
    ],
  },
  Turkish: {
    yes: [
      'Bir insanla konuşmak istiyorum',
      'Müşteri temsilcisine bağlayın',
      'canlı destek',
      'temsilci lütfen',
      'Gerçek biriyle görüşebilir miyim?',
      'Beni bir temsilciye bağlar mısınız?',
    ],
    no: ['Ben bir insanım', 'Bir insanla konuşmak istemiyorum', 'insan kaynakları', 'temsilciye gerek yok'],
  },
  Arabic: {
    yes: [
      'أريد التحدث مع شخص حقيقي',
      'أريد أن أتحدث مع موظف',
      'حولني إلى موظف',
      'موظف من فضلك',
      'التحدث إلى خدمة العملاء',
    ],
    no: ['أنا إنسان', 'لا أريد التحدث مع موظف', 'حقوق الإنسان'],
  },
  Japanese: {
    yes: [
      '人間と話したい',
      '人間と話したいです',
      'オペレーターにつないでください',
      '担当者に代わってください',
      'スタッフと話せますか？',
      'オペレーター希望',
    ],
    no: ['人間と話したくない', '私は人間です', '担当者は誰ですか', '人気の商品は？'],
  },
  Swedish: {
    yes: [
      'Jag vill prata med en människa',
      'Koppla mig till en agent',
      'människa tack',
      'Kan jag få tala med kundtjänst?',
    ],
    no: ['Jag är en människa', 'Jag vill inte prata med en människa'],
  },
  Danish: {
    yes: ['Jeg vil tale med et menneske', 'Kan jeg snakke med en medarbejder?', 'medarbejder tak'],
    no: ['Jeg er et menneske', 'Jeg vil ikke tale med en medarbejder'],
  },
  Norwegian: {
    yes: ['Jeg vil snakke med et menneske', 'Sett meg over til kundeservice', 'ekte menneske takk'],
    no: ['Jeg er et menneske', 'Jeg vil ikke snakke med noen'],
  },
  Finnish: {
    yes: ['Haluan puhua ihmisen kanssa', 'Yhdistä minut asiakaspalvelijalle', 'ihminen kiitos'],
    no: ['Olen ihminen', 'En halua puhua ihmisen kanssa'],
  },
  Czech: {
    yes: ['Chci mluvit s člověkem', 'Spojte mě s operátorem', 'operátor prosím', 'Přepojte mě na operátora'],
    no: ['Jsem člověk', 'Nechci mluvit s operátorem', 'práva člověka'],
  },
  Romanian: {
    yes: [
      'Vreau să vorbesc cu un om',
      'Conectați-mă cu un operator',
      'operator vă rog',
      'pot vorbi cu cineva?',
    ],
    no: ['Sunt om', 'Nu vreau să vorbesc cu un operator', 'resurse umane'],
  },
  Hungarian: {
    yes: [
      'Emberrel szeretnék beszélni',
      'Kapcsoljon egy ügyintézőt',
      'ügyintézőt kérek',
      'Beszélhetek egy ügyintézővel?',
    ],
    no: ['Ember vagyok', 'Nem akarok emberrel beszélni', 'emberi erőforrás'],
  },
  Greek: {
    yes: ['Θέλω να μιλήσω με έναν άνθρωπο', 'Συνδέστε με με εκπρόσωπο', 'εκπρόσωπος παρακαλώ'],
    no: ['Είμαι άνθρωπος', 'Δεν θέλω να μιλήσω με έναν άνθρωπο', 'ανθρώπινα δικαιώματα'],
  },
  Hebrew: {
    yes: ['אני רוצה לדבר עם נציג', 'אפשר לדבר עם בן אדם?', 'נציג בבקשה', 'לדבר עם אדם אמיתי'],
    no: ['אני בן אדם', 'אני לא רוצה לדבר עם נציג', 'משאבי אנוש'],
  },
  Russian: {
    yes: [
      'Хочу поговорить с человеком',
      'Соедините меня с оператором',
      'оператор',
      'Позовите менеджера',
      'нужен живой человек',
    ],
    no: ['Я человек', 'Не хочу говорить с оператором', 'Какой у вас оператор связи?', 'права человека'],
  },
  Chinese: {
    yes: ['转人工', '我要人工客服', '我想和真人说话', '請幫我轉接客服', '人工', '找人工'],
    no: ['我是真人', '不要转人工', '人工智能是什么', '我不想和真人说话'],
  },
  Korean: {
    yes: ['사람과 이야기하고 싶어요', '상담원 연결해 주세요', '상담원', '상담원과 통화하고 싶습니다'],
    no: ['저는 사람입니다', '사람 말고 자동으로 해주세요', '몇 사람까지 가능한가요?'],
  },
  Hindi: {
    yes: ['मुझे इंसान से बात करनी है', 'किसी एजेंट से बात कराइए', 'एजेंट चाहिए', 'मुझे असली व्यक्ति से जोड़ें'],
    no: ['मैं इंसान हूं', 'मुझे एजेंट से बात नहीं करनी है', 'मुझे इंसान नहीं चाहिए'],
  },
  Indonesian: {
    yes: [
      'Saya mau bicara dengan manusia',
      'Hubungkan saya dengan agen',
      'operator tolong',
      'bicara dengan customer service',
    ],
    no: ['Saya manusia', 'Saya tidak mau bicara dengan manusia', 'untuk berapa orang?'],
  },
  Vietnamese: {
    yes: [
      'Tôi muốn nói chuyện với người thật',
      'Kết nối tôi với nhân viên',
      'gặp nhân viên',
      'nhân viên tư vấn',
    ],
    no: ['Tôi là con người', 'Tôi không muốn nói chuyện với nhân viên', 'bao nhiêu người'],
  },
};

describe.each(Object.entries(SAID))('a visitor who writes %s', (_, { yes, no }) => {
  test.each(yes)('asks for a human: %s', (text) => {
    expect(asksForHuman(text)).toBe(true);
    expect(asksForHuman(text.toUpperCase())).toBe(true);
    expect(handOver({ ...asked, text })).toEqual({ reason: 'visitor-asked' });
  });
  test.each(no)('does not ask for one: %s', (text) => {
    expect(asksForHuman(text)).toBe(false);
  });
});

test('a wish may stand among other sentences', () => {
  expect(asksForHuman('No. That is not it. I want to talk to a human about my order 123, thanks')).toBe(true);
  expect(asksForHuman('Hi\nmy parcel is lost\nagent please')).toBe(true);
});

test('whatever is said, it is answered, and at once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect([true, false]).toContain(asksForHuman(text));
    }),
  );
  expect(asksForHuman('the a an '.repeat(2_000))).toBe(false);
});

describe('rules', () => {
  test('have defaults', () => {
    expect(rules).toEqual({ keywords: [], minConfidence: 0.35, maxFailures: 2 });
    expect(handOverRules.safeParse({ minConfidence: 1.1 }).success).toBe(false);
    expect(handOverRules.safeParse({ keywords: [' '] }).success).toBe(false);
    expect(handOverRules.safeParse({ maxFailures: 0 }).success).toBe(false);
  });

  test.each([
    ['I want a REFUND now', true],
    ['My lawyer will write', false],
    ['das ist eine Kündigung.', true],
    ['das ist eine kundigung', true],
    ['refunds are slow', false],
    ['I will cancel  my\norder', true],
    ['cancel the order', false],
    ['返金してください', true],
    ['C++?', false],
  ])('call people for a keyword: %j is %s', (text, reached) => {
    const keywords = ['refund', 'Kündigung', 'cancel my order', '返金', '++'];
    expect(handOver({ ...asked, text, rules: { ...rules, keywords } })).toEqual(
      reached ? { reason: 'keyword' } : undefined,
    );
  });

  test('call people after so many failures in a row', () => {
    expect(handOver({ ...asked, failuresInARow: 1 })).toBeUndefined();
    expect(handOver({ ...asked, failuresInARow: 2 })).toEqual({ reason: 'failed-twice' });
    expect(handOver({ ...asked, failuresInARow: 2, rules: { ...rules, maxFailures: 3 } })).toBeUndefined();
  });

  test('call people for an answer that is not sure', () => {
    expect(handOver({ ...asked, confidence: 0.34 })).toEqual({ reason: 'low-confidence' });
    expect(handOver({ ...asked, confidence: 0.35 })).toBeUndefined();
    expect(handOver({ ...asked, confidence: 0, rules: { ...rules, minConfidence: 0 } })).toBeUndefined();
    expect(handOver(asked)).toBeUndefined();
  });

  test('name what the visitor wants first', () => {
    const all = {
      text: 'agent please',
      rules: { ...rules, keywords: ['agent'] },
      failuresInARow: 5,
      confidence: 0,
    };
    expect(handOver(all)).toEqual({ reason: 'visitor-asked' });
    expect(handOver({ ...all, text: 'my agent' })).toEqual({ reason: 'keyword' });
  });
});
