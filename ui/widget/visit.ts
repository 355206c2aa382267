// What a visitor's browser remembers of their conversation with one site's widget, shared by its tabs.
import { uuidv7 } from '../client/uuid.ts';

export interface VisitorDetails {
  /** The page's own id of this person. */
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
}

export interface Visit {
  /** A UUIDv7: the id of the command that starts the conversation, and the name of its outbox. */
  readonly id: string;
  readonly conversation?: string;
  readonly visitorToken?: string;
  readonly visitor?: VisitorDetails;
  /** Answers of the pre-chat form that are no details of the person, sent with the first message. */
  readonly answers?: string;
  /** The page's id of whose conversation it is: nobody else who signs in on this device may see it. */
  readonly customer?: string;
  /** Whether the pre-chat form is done. */
  readonly introduced?: boolean;
  /** The address that a message was left with while nobody was there to answer. */
  readonly answerTo?: string;
  readonly ended?: boolean;
  /** Whether something was written that is not acknowledged: the next page sends it, opened or not. */
  readonly unsent?: boolean;
}

/** The key in localStorage; the loader reads it to know whether a conversation is running. */
export function visitKey(siteKey: string): string {
  return `natter:${siteKey}`;
}

// Where storage is blocked the page's own memory serves, for as long as the page lives.
const forgotten = new Map<string, string>();

export function readVisit(siteKey: string): Visit | undefined {
  const text = read(visitKey(siteKey));
  if (!text) return undefined;
  try {
    const visit = JSON.parse(text) as Visit;
    return typeof visit.id === 'string' ? visit : undefined;
  } catch {
    // Something else wrote under our key: begin anew.
    return undefined;
  }
}

/** The visit as it is, or a new one. Tabs that ask at the same time get the same. */
export function visitOrNew(siteKey: string): Visit {
  return readVisit(siteKey) ?? writeVisit(siteKey, { id: uuidv7() });
}

export function writeVisit(siteKey: string, visit: Visit): Visit {
  const text = JSON.stringify(visit);
  try {
    localStorage.setItem(visitKey(siteKey), text);
  } catch {
    // Blocked or full.
    forgotten.set(visitKey(siteKey), text);
  }
  return visit;
}

function read(key: string): string | null | undefined {
  try {
    return localStorage.getItem(key) ?? forgotten.get(key);
  } catch {
    // Blocked.
    return forgotten.get(key);
  }
}
