// Credentials that are worth nothing, or not enough: forged, expired, ended, of another kind, role or business.
import { createHmac } from 'node:crypto';
import { v7 } from 'uuid';
import type { Claims } from '../../edge/identity/tokens.ts';
import { granted } from '../description/world.ts';
import type { Stage } from './stage.ts';

/** Tokens that nobody may enter with, by what is wrong with them. */
export async function worthless(stage: Stage): Promise<Readonly<Record<string, string>>> {
  const { world, stranger } = stage;
  const { tokens, accounts } = world.door.parts;
  const { admin } = world;
  const claims = (version: number): Claims => ({
    kind: 'user',
    sub: String(admin.number),
    ws: admin.workspace,
    tv: version,
  });
  const left = await world.newAgent();
  const ended = await world.tokenOf(left);
  granted(await accounts.signOut({ kind: 'user', workspace: world.workspace, user: left }));
  const right = await world.tokenOf(admin);
  const [head = '', body = '', seal = ''] = right.split('.');
  return {
    garbage: 'no-token-at-all',
    'three parts of garbage': 'a.b.c',
    'a seal that was changed': `${head}.${body}.${seal.startsWith('A') ? 'B' : 'A'}${seal.slice(1)}`,
    'no seal': `${head}.${body}.`,
    'alg none': `${encoded({ alg: 'none', typ: 'JWT' })}.${body}.`,
    'another secret': sealed(head, body),
    expired: await tokens.sign(claims(admin.tokenVersion), -1),
    'of an earlier version': await tokens.sign(claims(admin.tokenVersion - 1)),
    'signed out': ended,
    "a visitor's": stranger.session.visitorToken,
    'of an API token that was rotated': await tokens.sign({
      kind: 'api',
      sub: 'program',
      ws: admin.workspace,
      tv: -1,
    }),
    'nobody’s': await tokens.sign({ ...claims(0), sub: '999999999' } as Claims),
  };
}

/** A token that anybody gets for the asking. */
export function guestToken({ world }: Stage): Promise<string> {
  return world.door.parts.tokens.sign({ kind: 'guest', sub: 'user123', ws: world.workspace, jti: v7() });
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sealed(head: string, body: string): string {
  const seal = createHmac('sha256', 'some other secret, long enough').update(`${head}.${body}`);
  return `${head}.${body}.${seal.digest('base64url')}`;
}
