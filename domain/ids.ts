// The shapes of ids, in one place: an id is checked here before it may become a token of a subject.
import { z } from 'zod';

/** A conversation's id, chosen by a client or by us: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export const conversationId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores')
  .refine((id) => !RESERVED.has(id), 'is a reserved word and cannot be a session id');

/** Words that stand where a session id may stand in some dialect's socket path. */
const RESERVED = new Set(['v1', 'agent', 'live-chat', 'socket.io']);

/** A workspace's id: `w` and 12 base32 characters. */
export const workspaceId = z.string().regex(/^w[a-z2-7]{12}$/, 'is not a workspace id');

/** The internal id of a user, widget or other workspace aggregate: 1 to 40 of `a-z 0-9 -`. */
export const aggregateId = z.string().regex(/^[a-z0-9-]{1,40}$/, 'is not an id');

/** A command's id: a UUIDv7 that the client makes, so that a command sent twice is carried out once. */
export const commandId = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'must be a UUIDv7 in lower case',
  );

/** Milliseconds since 1970 at which a UUIDv7 was made. */
export function madeAt(uuidv7: string): number {
  return Number.parseInt(uuidv7.slice(0, 8) + uuidv7.slice(9, 13), 16);
}

/** A UUIDv7 of that moment (milliseconds since 1970) and of 10 at least of somebody's bytes. */
export function madeAtWith(moment: number, bytes: Uint8Array): string {
  const hex = [...bytes.subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const time = moment.toString(16).padStart(12, '0');
  const variant = (8 | (Number.parseInt(hex.slice(3, 4), 16) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Spells bytes in lower-case base32 without padding: 5 bits a character. */
export function base32(bytes: Uint8Array): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32[(value >> bits) & 31];
    }
  }
  return bits > 0 ? out + BASE32[(value << (5 - bits)) & 31] : out;
}

/** A conversation id that we make: it carries its workspace, so that no look-up is needed to find it. */
export function mintConversationId(workspace: string, random: Uint8Array): string {
  return `${workspace}_${base32(random)}`;
}

/** The workspace that an id of our own making carries; undefined for an id that a client chose. */
export function workspaceOf(conversation: string): string | undefined {
  return /^(w[a-z2-7]{12})_[a-z2-7]{26}$/.exec(conversation)?.[1];
}
