// How the token document (seed 000) shows a session: the same in its list and in the classic webhook.
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import { userSession } from '../../visitors/user-session.ts';

/** What is not known of the visitor is left out. */
export interface MetadataShape {
  /** `Country, Region, City (IP), OS, Browser`. */
  readonly user_session?: string;
  readonly user_id?: string;
  readonly user_name?: string;
  readonly user_email?: string;
}

export interface TokenSession {
  readonly session_id: string;
  readonly metadata: MetadataShape;
  /** UTC, `2023-10-27 10:00:00`. */
  readonly updated_at: string;
}

/** A session as the document has it. */
export function sessionShape(
  conversation: string,
  { visitor, origin, updatedAt }: Pick<Conversation, 'visitor' | 'origin' | 'updatedAt'>,
): TokenSession {
  return {
    session_id: conversation,
    metadata: {
      user_session: userSession(origin),
      user_id: visitor.id || undefined,
      user_name: visitor.name || undefined,
      user_email: visitor.email || undefined,
    },
    updated_at: momentShape(updatedAt),
  };
}

/** ISO 8601 in UTC without what the document leaves out: fractions, `T` and `Z`. */
export function momentShape(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}
