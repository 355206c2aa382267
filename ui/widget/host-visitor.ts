// Who the visitor is, as the page around us says: only what the server would take, so that a page's slip never stops a chat.
import type { VisitorDetails } from './visit.ts';

/** The server's own idea of an e-mail address: what it would refuse is better left out. */
const EMAIL = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;

/** What of it can be used; nothing is undefined that was said well. */
export function hostVisitor(said: VisitorDetails): VisitorDetails {
  const id = said.id?.trim().slice(0, 128);
  const name = said.name?.trim().slice(0, 120);
  const email = said.email?.trim();
  return {
    ...(id ? { id } : {}),
    ...(name ? { name } : {}),
    ...(email && email.length <= 254 && EMAIL.test(email) ? { email } : {}),
  };
}
