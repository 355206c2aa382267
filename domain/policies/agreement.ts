// Whether a visitor says yes to what was just offered, and nothing else.
import { plainWords } from './plain-words.ts';

/** Words that agree by themselves, in the languages in which a person is offered and some more. */
const YES = `yes yeah yep yup sure ok okay absolutely definitely ja jawohl klar gern gerne genau oui ouais volontiers accord si claro vale bueno sim certo certamente
volentieri tak jasne chetnie да так конечно конечно давай давайте ano jo igen da evet olur tamam nai jes hai haluan kylla graag yo dai ναι نعم أجل اجل اي كن はい ええ お願いします
うん 네 예 是 是的 好 好的 可以 हाँ हां ใช่ כן vang duoc joo`;
/** Words that may stand beside them. */
const POLITE = `please thanks thank you do it that would be great bitte danke sehr mach das machen sie merci s il vous plait te plait bien sur por favor gracias d per favore grazie obrigado
obrigada faz favor prosze dziekuje будь ласка пожалуйста спасибо дякую prosim dekuji lutfen tesekkurler graag alstublieft dank je wel من فضلك شكرا kiitos tack tak`;

const words = (text: string): ReadonlySet<string> => new Set(plainWords(text));
const AGREES = words(YES);
const BESIDE = words(POLITE);
/** Words beyond which it is more than a yes. */
const MOST = 6;

/** `Yes, please`: yes. `Yes, but how much is it?`: no, for that is a question of its own. */
export function agrees(text: string): boolean {
  const said = plainWords(text);
  if (said.length === 0 || said.length > MOST || text.includes('?')) return false;
  return said.some((word) => AGREES.has(word)) && said.every((word) => AGREES.has(word) || BESIDE.has(word));
}
