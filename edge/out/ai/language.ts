// Which language a visitor writes, guessed from script, letters and small words: enough to answer a few fixed sentences in it.
import { plainWords } from '../../../domain/policies/plain-words.ts';

/** Those our own sentences exist in. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', 'pl', 'uk', 'tr', 'ar', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Small words without accents; those of several languages count for each. Also what a question cannot be judged by. */
export const SMALL_WORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: words(
    'a an the i you he she it we they me my your our their is are was were be been am do does did have has had can could will would should may might must of in on at to for from with by about as and or but not no if so what when where who why how which this that these those there here please hello hi hey thanks thank any some get got just',
  ),
  de: words(
    'der die das den dem des ein eine einen einem einer ich du er sie es wir ihr mich mir dich dir ihnen mein meine meinen dein ihre ihren unser ist sind war bin bist sein haben hat habe hatte kann konnen konnte wird werden wurde soll muss von in im am an auf zu zum zur fur aus mit bei uber als und oder aber nicht kein keine wenn was wann wo wer warum wie welche welcher dies diese dieser hier da bitte hallo danke gibt man auch noch nach',
  ),
  fr: words(
    'le la les un une des du de d l je j tu il elle on nous vous ils elles me moi mon ma mes votre vos notre nos est sont etait suis etes ai a as avez avons ont peut peux puis pouvez sera dans en sur a au aux pour par avec sans comme et ou mais ne pas n si que qui quoi quand comment pourquoi quel quelle quels ce cet cette ces ici y bonjour salut merci combien plait c s qu',
  ),
  es: words(
    'el la los las un una unos de del yo tu usted ella nosotros ustedes me mi mis su sus nuestro es son era soy esta estan estoy he ha han tengo tiene tienen hay puede puedo pueden podria en al a para por con sin como y o pero no si que quien cuando donde cuanto cuantos cual cuales este esta estos eso aqui hola gracias favor se lo le muy mas',
  ),
  pt: words(
    'o a os as um uma uns de do da dos das eu tu voce voces ele ela nos me meu minha meus seu sua nosso e sao era sou esta estao estou tenho tem ha pode posso podem poderia em no na nos ao para por pelo com sem como ou mas nao se que quem quando onde quanto qual quais este esta isso aqui ola oi obrigado obrigada favor mais muito',
  ),
  it: words(
    'il lo la i gli le un uno una di del della dei delle io tu lei lui noi voi mi mio mia miei suo sua vostro nostro e sono era sei siete ho ha hanno avete posso puo potete potrei in nel nella a al alla per da dal con senza come o ma non se che chi quando dove quanto quanti quale quali questo questa qui ciao buongiorno salve grazie favore ci si c piu anche',
  ),
  nl: words(
    'de het een ik jij je u hij zij ze wij we jullie mij mijn uw jouw ons onze is zijn was ben bent heb heeft hebben had kan kunnen kunt zal zou moet van in op aan te tot voor uit met bij over als en of maar niet geen wat wanneer waar wie waarom hoe welke dit dat deze die hier er hallo hoi bedankt dank alstublieft ook nog om naar',
  ),
  pl: words(
    'ja ty on ona my wy oni mnie mi moj moja moje moich wasz wasza nasz jest sa byl byla jestem mam ma maja moge moze mozna czy w we na do z ze od dla za przez po o pod i lub ale nie tak jesli co kto kiedy gdzie dlaczego jak jaki jaka jakie ile ten ta to te tym tego sie dzien dobry dziekuje prosze czesc juz',
  ),
  uk: words(
    'я ти він вона ми ви вони мене мені мій моя моє мої ваш ваша ваші наш є був була бути маю має можна можу може чи в у на до з із зі від для за про при по і й та або але не ні так якщо що хто коли де чому як який яка яке які скільки цей ця це ці тут там вже ще дякую добрий день привіт будь ласка',
  ),
  tr: words(
    'ben sen o biz siz onlar bana benim sizin senin bizim bir bu su var yok mi mu mudur midir misiniz ve veya ama ile icin gibi kadar degil ne nedir kim zaman nerede neden nasil hangi kac daha cok da de ki evet hayir merhaba selam tesekkurler tesekkur ederim lutfen olarak istiyorum bilir miyim',
  ),
  ar: words(
    'في من على الى عن مع هل ما ماذا متى اين كيف كم هذا هذه انا انت هو هي نحن لا نعم او و ان لي شكرا مرحبا',
  ),
  ja: new Set(),
};

/** Words that are not small, but common in chats and of one language. */
const CHAT_WORDS: Readonly<Partial<Record<Language, ReadonlySet<string>>>> = {
  en: words(
    'long take order delivery shipping return refund reached limit today help need want answer right now shall person money back',
  ),
  de: words(
    'lange dauert bestellung lieferung versand ruckgabe kostet heute hilfe brauche mochte geld zuruck rechnung',
  ),
  fr: words(
    'temps prend commande livraison retour remboursement coute aujourd hui aide besoin voudrais argent facture',
  ),
  es: words('tarda pedido envio devolucion reembolso cuesta hoy ayuda necesito quiero dinero factura'),
  pt: words('tempo demora pedido entrega devolucao reembolso custa hoje ajuda preciso quero dinheiro fatura'),
  it: words(
    'tempo vuole ordine consegna spedizione reso rimborso costa oggi aiuto bisogno vorrei soldi fattura',
  ),
  nl: words('lang duurt bestelling levering verzending retour kost vandaag hulp nodig wil geld factuur'),
  pl: words(
    'dlugo trwa zamowienie dostawa wysylka zwrot kosztuje dzis pomoc potrzebuje chce pieniadze faktura',
  ),
  tr: words('siparis siparisim teslimat kargo iade surer bugun yardim para fatura'),
};

/** Letters that tell one language from its neighbours. */
const LETTERS: readonly (readonly [Language, RegExp])[] = [
  ['de', /ß/giu],
  ['es', /[ñ¿¡]/giu],
  ['pt', /[ãõ]/giu],
  ['fr', /[œèêùû]/giu],
  ['pl', /[łąęśźżńć]/giu],
  ['tr', /[ğşı]/giu],
];

/** Characters that are looked at. */
const LOOKED_AT = 2_000;

/** The language of a text, where it can be told and is one of ours. */
export function languageOf(text: string): Language | undefined {
  const looked = text.slice(0, LOOKED_AT);
  const count = (letters: RegExp) => looked.match(letters)?.length ?? 0;
  const scripts = {
    latin: count(/\p{Script=Latin}/gu),
    cyrillic: count(/\p{Script=Cyrillic}/gu),
    arabic: count(/\p{Script=Arabic}/gu),
    kana: count(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu),
    han: count(/\p{Script=Han}/gu),
  };
  // A sentence in Japanese may be full of names in Latin letters, and always has some kana.
  if (scripts.kana > 0 && (scripts.kana + scripts.han) * 3 > scripts.latin) return 'ja';
  // Persian, Urdu and their neighbours have letters that Arabic has not.
  if (scripts.arabic > scripts.latin && scripts.arabic > scripts.cyrillic)
    return /[پچژگکیےٹڈڑں]/u.test(looked) ? undefined : 'ar';
  if (scripts.cyrillic > scripts.latin) return ukrainian(looked) ? 'uk' : undefined;
  return scripts.latin > 0 ? byWords(looked) : undefined;
}

function ukrainian(text: string): boolean {
  if (/[ыэёъ]/iu.test(text)) return false;
  if (/[іїєґ]/iu.test(text)) return true;
  const known = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  // What Russian has as well says nothing.
  return known.some((word) =>
    ['чи', 'як', 'де', 'що', 'коли', 'дякую', 'будь', 'хто', 'та', 'це'].includes(word),
  );
}

function byWords(text: string): Language | undefined {
  const said = plainWords(text);
  let best: { language: Language; score: number } | undefined;
  let second = 0;
  for (const language of LANGUAGES) {
    const small = SMALL_WORDS[language];
    const letters = LETTERS.filter(([of]) => of === language).reduce(
      (sum, [, pattern]) => sum + (text.match(pattern)?.length ?? 0),
      0,
    );
    const score =
      said.filter((word) => small.has(word) || CHAT_WORDS[language]?.has(word)).length + Math.min(letters, 3);
    if (!best || score > best.score) {
      second = best?.score ?? 0;
      best = { language, score };
    } else second = Math.max(second, score);
  }
  return best && best.score > second ? best.language : undefined;
}

function words(list: string): ReadonlySet<string> {
  return new Set(plainWords(list));
}
