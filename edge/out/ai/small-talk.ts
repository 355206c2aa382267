// Greetings, thanks and goodbyes: whoever says only that has asked nothing, and should not hear that it is not known.
import { plainWords } from '../../../domain/policies/plain-words.ts';
import { LANGUAGES, type Language } from './language.ts';
import type { Sentences } from './sentences.ts';

type Kind = keyof Pick<Sentences, 'greeting' | 'thanks' | 'goodbye'>;

export interface SmallTalk {
  readonly kind: Kind;
  readonly language: Language;
}

/** Words that a message of small talk may have; longer ones ask something. */
const MOST_WORDS = 6;

/** Whole phrases, separated by commas; `also`: words that may stand beside them and change nothing. */
const PHRASES: Readonly<Record<Language, Readonly<Record<Kind | 'also', string>>>> = {
  en: {
    greeting:
      'hello,hi,hey,hiya,howdy,good morning,good afternoon,good evening,good day,greetings,how are you,hello how are you',
    thanks: 'thanks,thank you,thx,ty,cheers,many thanks,thanks a lot,thank you very much,much appreciated',
    goodbye: 'bye,goodbye,good bye,bye bye,see you,good night,have a nice day',
    also: 'there,everyone,all,team,so,much,again,ok,okay,great,perfect,for,your,help,the,that,now,you,very,sir,madam,guys',
  },
  de: {
    greeting:
      'hallo,hi,hey,guten tag,guten morgen,guten abend,moin,servus,gruss gott,gruezi,wie geht es ihnen,wie gehts',
    thanks: 'danke,danke schon,dankeschon,vielen dank,besten dank,herzlichen dank,danke sehr',
    goodbye: 'tschuss,auf wiedersehen,bis bald,bis dann,schonen tag noch,gute nacht',
    also: 'zusammen,liebes,team,ihnen,dir,fur,die,ihre,hilfe,das,super,perfekt,ok,okay,und,auch,sehr',
  },
  fr: {
    greeting: 'bonjour,salut,bonsoir,coucou,allo,comment allez vous,ca va',
    thanks: 'merci,merci beaucoup,merci bien,mille mercis,un grand merci',
    goodbye: 'au revoir,a bientot,bonne journee,bonne soiree,a plus,bonne nuit',
    also: 'a,tous,vous,pour,votre,aide,madame,monsieur,ok,parfait,super,et,tout,le,monde,infiniment',
  },
  es: {
    greeting: 'hola,buenas,buenos dias,buenas tardes,buenas noches,que tal,como esta,como estas',
    thanks: 'gracias,muchas gracias,mil gracias,muchisimas gracias',
    goodbye: 'adios,hasta luego,hasta pronto,chao,nos vemos,que tenga buen dia',
    also: 'a,todos,por,su,tu,la,ayuda,ok,vale,perfecto,y,muy,amable',
  },
  pt: {
    greeting: 'ola,oi,bom dia,boa tarde,boa noite,tudo bem,como vai',
    thanks: 'obrigado,obrigada,muito obrigado,muito obrigada,valeu,agradeco',
    goodbye: 'tchau,adeus,ate logo,ate mais,ate breve',
    also: 'a,todos,pela,sua,ajuda,ok,perfeito,otimo,e,pessoal',
  },
  it: {
    greeting: 'ciao,salve,buongiorno,buon giorno,buonasera,buona sera,come sta,come va',
    thanks: 'grazie,grazie mille,molte grazie,tante grazie,ti ringrazio,la ringrazio',
    goodbye: 'arrivederci,a presto,buona giornata,buona serata,addio,buonanotte',
    also: 'a,tutti,per,il,suo,vostro,l,aiuto,ok,perfetto,e',
  },
  nl: {
    greeting: 'hallo,hoi,hey,dag,goedemorgen,goedemiddag,goedenavond,goedendag,hoe gaat het',
    thanks: 'bedankt,dank u,dank je,dank u wel,dank je wel,dankjewel,hartelijk dank,heel erg bedankt',
    goodbye: 'tot ziens,doei,tot later,fijne dag,dag',
    also: 'allemaal,voor,de,uw,je,hulp,ok,oke,top,en,nog,team',
  },
  pl: {
    greeting: 'dzien dobry,czesc,witam,hej,siema,dobry wieczor,witajcie',
    thanks: 'dziekuje,dzieki,dziekuje bardzo,bardzo dziekuje,wielkie dzieki,dziekuje slicznie',
    goodbye: 'do widzenia,pa,na razie,do zobaczenia,milego dnia,dobranoc',
    also: 'panstwu,wszystkim,za,pomoc,ok,super,swietnie,i',
  },
  uk: {
    greeting:
      'привіт,вітаю,добрий день,доброго дня,добрий ранок,доброго ранку,добрий вечір,здрастуйте,як справи',
    thanks: 'дякую,дуже дякую,щиро дякую,спасибі,дякую дуже',
    goodbye: 'до побачення,бувайте,па,на все добре,гарного дня,до зустрічі',
    also: 'всім,вам,за,допомогу,ок,чудово,супер,і',
  },
  tr: {
    greeting: 'merhaba,selam,selamlar,gunaydin,iyi gunler,iyi aksamlar,nasilsiniz,selamun aleykum',
    thanks: 'tesekkurler,tesekkur ederim,cok tesekkurler,cok tesekkur ederim,sagolun,sag olun',
    goodbye: 'hosca kalin,gorusuruz,gule gule,iyi geceler,hoscakalin',
    also: 'herkese,icin,yardiminiz,tamam,harika,ve',
  },
  ar: {
    greeting: 'مرحبا,اهلا,السلام عليكم,صباح الخير,مساء الخير,اهلا وسهلا,كيف حالك',
    thanks: 'شكرا,شكرا جزيلا,شكرا لك,شكرا لكم,جزاك الله خيرا',
    goodbye: 'مع السلامة,الى اللقاء,وداعا',
    also: 'بكم,بك,على,مساعدتك,ورحمة,الله,وبركاته,يا',
  },
  ja: {
    greeting: 'こんにちは,こんばんは,おはよう,おはようございます,はじめまして,もしもし,どうも,やあ',
    thanks:
      'ありがとう,ありがとうございます,ありがとうございました,どうもありがとう,どうもありがとうございます,感謝します,助かりました',
    goodbye: 'さようなら,またね,失礼します,おやすみなさい,バイバイ',
    also: 'はい,どうも',
  },
};

interface Phrase extends SmallTalk {
  readonly words: readonly string[];
}

const ALL: readonly Phrase[] = LANGUAGES.flatMap(
  (language) =>
    (['greeting', 'thanks', 'goodbye'] as const).flatMap((kind) =>
      PHRASES[language][kind].split(',').map((phrase) => ({ kind, language, words: plainWords(phrase) })),
    ),
  // The longest first: `good night` is no `good`.
).sort((a, b) => b.words.length - a.words.length);

const ALSO = new Map(
  LANGUAGES.map((language) => [language, new Set(PHRASES[language].also.split(',').flatMap(plainWords))]),
);

/**
 * What a message says where it says nothing else; undefined where it asks something. `usual`: the language of
 * the conversation, for words that several languages share, such as `hallo`.
 */
export function smallTalkOf(text: string, usual?: Language): SmallTalk | undefined {
  const said = plainWords(text);
  if (said.length === 0 || said.length > MOST_WORDS) return undefined;
  const matches = ALL.filter((phrase) => isOnly(said, phrase));
  const own = matches.find(({ language }) => language === usual) ?? matches[0];
  return own && { kind: own.kind, language: own.language };
}

/** Whether the words are this phrase, with nothing but what changes nothing or is small talk itself around it. */
function isOnly(said: readonly string[], { words, language }: Phrase): boolean {
  const at = said.findIndex((_, from) => words.every((word, index) => said[from + index] === word));
  if (at < 0) return false;
  const rest = [...said.slice(0, at), ...said.slice(at + words.length)];
  return rest.every((word) => ALSO.get(language)?.has(word) || isSmall(word, language));
}

function isSmall(word: string, language: Language): boolean {
  return ALL.some(
    (phrase) => phrase.language === language && phrase.words.length === 1 && phrase.words[0] === word,
  );
}
