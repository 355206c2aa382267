// Tokens of the support document (seed 002): for anybody as a user, for agents and programs from whoever has the right.
import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import { isAdmin } from '../../../../domain/policies/rights.ts';
import type { Edge } from '../../../context.ts';
import { callerOf, refused, wrote } from '../../../http/answers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import type { ApiPrincipal, UserPrincipal } from '../../../identity/principals.ts';
import { findOrMakeAgent } from '../../../identity/support-agents.ts';
import { type Party, party } from '../shapes.ts';

/** Who somebody says to be: any name or number of up to 128 characters. */
export const userId = z
  .union([z.string(), z.number().int().nonnegative()])
  .transform(String)
  .pipe(
    z
      .string()
      .trim()
      .min(1)
      .max(128)
      // Shown to people and handed to other systems: a name has no control characters in it.
      .regex(/^\P{Cc}*$/u, 'must not have control characters in it'),
  );

interface Given {
  readonly token: string;
  /** An agent's id: by it, and not by the name that was asked for, sessions, messages and events know them. */
  readonly agentId?: string;
  /** Where the agent was made; 0 where nothing was written. */
  readonly position: number;
}

const answer = z.object({
  success: z.literal(true),
  data: z.object({
    token: z.string(),
    expiresIn: z.string(),
    userId: z.string(),
    userType: party,
    agentId: z.string().optional(),
  }),
  token: z.string(),
});

export function supportTokens(app: App, http: Http): void {
  const { edge, lists } = http;
  const expiresIn = `${edge.tokens.supportDays}d`;

  app.post(
    '/api/auth/token',
    {
      schema: {
        body: z.object(
          { userId, userType: party.optional().transform((said) => said ?? 'user') },
          'A userId is required',
        ),
        ...described({
          dialect: 'support',
          summary: 'Get a JWT token',
          description:
            'Good for 30 days (`SUPPORT_TOKEN_DAYS`). A `user` token is given to anybody and proves no userId. An `agent` token is given for the API key (`X-API-Key`) or to an admin; userId is the number, e-mail address or user name of an agent, and one whom nobody knows is made; `agentId` in the answer is what sessions and messages call them. Tokens of admins are given to themselves alone. A `system` token is given for the API key, and writes as the system (`senderType`). What was given for the API key ends when that is replaced. The token stands twice in the answer: at its top and in `data`.',
          access: 'public',
          answers: { 200: answer },
          refusals: [401, 403, 409],
          examples: [
            {
              name: 'Token for a user',
              body: { userId: 'user123', userType: 'user' },
              status: 200,
              answer: {
                success: true,
                data: { token: 'eyJhbGciOi…', expiresIn: '30d', userId: 'user123', userType: 'user' },
                token: 'eyJhbGciOi…',
              },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const { userId, userType } = request.body;
      const given = await give(edge, request, userId, userType);
      if (isRefusal(given)) return refused(reply, given);
      const { token, agentId, position } = given;
      wrote(request, reply, lists, { position });
      // Whoever keeps answers must not keep this one.
      reply.header('cache-control', 'no-store');
      return { success: true, data: { token, expiresIn, userId, userType, agentId }, token };
    },
  );
}

async function give(
  edge: Edge,
  request: FastifyRequest,
  userId: string,
  userType: Party,
): Promise<Given | Refusal> {
  const { tokens, directory } = edge;
  const { user, api, guest } = callerOf(request);
  if (request.headers['x-api-key'] !== undefined && !api) return refuse('api-key-invalid');
  switch (userType) {
    case 'user': {
      const workspace = (api ?? user ?? guest)?.workspace ?? directory.defaultWorkspace()?.id;
      if (workspace === undefined) return refuse('no-workspace');
      const token = await tokens.sign({ kind: 'guest', sub: userId, ws: workspace, jti: randomUUID() });
      return { token, position: 0 };
    }
    case 'agent': {
      const by = api ?? (user && isAdmin(user.user.profile.role) ? user : undefined);
      return by ? agentToken(edge, by, userId) : refuse('agent-token-needs-key');
    }
    case 'system': {
      if (!api) return refuse('system-token-needs-key');
      const ws = api.workspace;
      const tv = await edge.apiTokens.version(ws);
      return { token: await tokens.sign({ kind: 'api', sub: userId, ws, tv }), position: 0 };
    }
  }
}

async function agentToken(
  edge: Edge,
  by: UserPrincipal | ApiPrincipal,
  name: string,
): Promise<Given | Refusal> {
  const found = await findOrMakeAgent(edge, by, name);
  if (isRefusal(found)) return found;
  const { user, position } = found;
  // A key can be taken back, a token of the person who takes it back must not come out of it.
  const themselves = by.kind === 'user' && by.user.number === user.number;
  if (isAdmin(user.profile.role) && !themselves) return refuse('token-for-admin');
  const token = await edge.tokens.sign(
    {
      kind: 'user',
      sub: String(user.number),
      ws: user.workspace,
      tv: user.tokenVersion,
      key: by.kind === 'api' ? await edge.apiTokens.version(user.workspace) : by.key,
    },
    edge.tokens.supportDays,
  );
  return { token, agentId: String(user.number), position };
}
