// A user of a workspace: who they are and whether their tokens still count. Password hashes are not here: they never enter the log.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, type Placed, refuse } from '../decider.ts';
import { stated } from '../stated.ts';
import { type Role, role, type UserProfile, userProfile } from './values.ts';

/** Every field may be left out, and what is left out stays: so no default may fill one in. */
const profileChange = userProfile
  .omit({ role: true, email: true })
  .extend({
    departments: userProfile.shape.departments.unwrap(),
    skills: userProfile.shape.skills.unwrap(),
  })
  .partial();

export const userEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('UserRegistered'), data: userProfile.partial({ skills: true }) }),
  z.object({ type: z.literal('UserProfileChanged'), data: profileChange }),
  /** Whether they take new conversations, wherever they are signed in. */
  z.object({ type: z.literal('UserAvailabilityChanged'), data: z.object({ accepting: z.boolean() }) }),
  z.object({ type: z.literal('UserRoleChanged'), data: z.object({ role }) }),
  /** Every token given out before is worth nothing from here on. */
  z.object({
    type: z.literal('UserTokensRevoked'),
    data: z.object({ reason: z.enum(['sign-out', 'password-changed', 'role-changed']) }),
  }),
  z.object({ type: z.literal('UserRemoved'), data: z.object({}) }),
]);
export type UserEvent = z.infer<typeof userEvent>;

export type UserRequest =
  | { readonly type: 'RegisterUser'; readonly data: UserProfile }
  | { readonly type: 'ChangeUserProfile'; readonly data: z.infer<typeof profileChange> }
  | { readonly type: 'SetAvailability'; readonly data: { readonly accepting: boolean } }
  | { readonly type: 'ChangeUserRole'; readonly data: { readonly role: Role } }
  | { readonly type: 'RevokeTokens'; readonly data: { readonly reason: 'sign-out' | 'password-changed' } }
  | { readonly type: 'RemoveUser'; readonly data: Record<string, never> };

export interface User {
  readonly status: 'none' | 'active' | 'removed';
  /** The position of UserRegistered: the id that the outside knows. */
  readonly number: number;
  readonly profile?: UserProfile;
  /** Connected and accepting are two things: who does not accept is given no conversation. */
  readonly accepting: boolean;
  /** Tokens carry it; a token with another one is refused. */
  readonly tokenVersion: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const initial: User = {
  status: 'none',
  number: 0,
  accepting: true,
  tokenVersion: 0,
  createdAt: '',
  updatedAt: '',
};

function decide(
  command: UserRequest & { readonly actor: Actor; readonly at: string },
  now: User,
): Decision<UserEvent> {
  if (command.type === 'RegisterUser')
    return now.status === 'none' ? [{ type: 'UserRegistered', data: command.data }] : refuse('user-exists');
  if (now.status === 'none') return refuse('user-not-found');
  if (now.status === 'removed') return command.type === 'RemoveUser' ? [] : refuse('user-not-found');
  switch (command.type) {
    case 'ChangeUserProfile':
      return [{ type: 'UserProfileChanged', data: command.data }];
    case 'SetAvailability':
      return now.accepting === command.data.accepting
        ? []
        : [{ type: 'UserAvailabilityChanged', data: command.data }];
    case 'ChangeUserRole':
      if (now.profile?.role === command.data.role) return [];
      return [
        { type: 'UserRoleChanged', data: command.data },
        { type: 'UserTokensRevoked', data: { reason: 'role-changed' } },
      ];
    case 'RevokeTokens':
      return [{ type: 'UserTokensRevoked', data: command.data }];
    case 'RemoveUser':
      return [{ type: 'UserRemoved', data: {} }];
  }
}

function evolve(state: User, event: UserEvent & Placed): User {
  const now = { ...state, updatedAt: event.at };
  switch (event.type) {
    case 'UserRegistered':
      return {
        status: 'active',
        number: event.position,
        // What users have learned since this one was made is as if nobody had said anything of it.
        profile: { ...event.data, skills: event.data.skills ?? [] },
        accepting: true,
        tokenVersion: 1,
        createdAt: event.at,
        updatedAt: event.at,
      };
    case 'UserProfileChanged':
      return { ...now, profile: state.profile && { ...state.profile, ...stated(event.data) } };
    case 'UserAvailabilityChanged':
      return { ...now, accepting: event.data.accepting };
    case 'UserRoleChanged':
      return { ...now, profile: state.profile && { ...state.profile, role: event.data.role } };
    case 'UserTokensRevoked':
      return { ...now, tokenVersion: state.tokenVersion + 1 };
    case 'UserRemoved':
      return { ...now, status: 'removed', tokenVersion: state.tokenVersion + 1 };
  }
}

export const user: Decider<User, UserRequest & { readonly actor: Actor }, UserEvent> = {
  initial,
  decide,
  evolve,
};
