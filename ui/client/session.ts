// Who is signed in, for as long as the tab lives: a token in sessionStorage, never beyond.
import type { Account } from './api.ts';

export interface Session {
  readonly account: Account;
  readonly token: string;
}

/** @param page which page signs in (`agent`, `admin`): each has its own session */
export function readSession(page: string): Session | undefined {
  const text = sessionStorage.getItem(`natter:${page}`);
  if (!text) return undefined;
  const session = JSON.parse(text) as Session;
  return session.token ? session : undefined;
}

export function writeSession(page: string, session: Session | undefined): void {
  if (session) sessionStorage.setItem(`natter:${page}`, JSON.stringify(session));
  else sessionStorage.removeItem(`natter:${page}`);
}
