// Registering, signing in and out (seeds 001 and 004).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type Refusal } from '../../../../domain/decider.ts';
import { email } from '../../../../domain/workspace/values.ts';
import { refused, widgetError, wrote } from '../../../http/answers.ts';
import { signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import type { KnownUser } from '../../../identity/directory.ts';
import { explain } from '../../../refusals.ts';
import { networkOf } from '../../../visitors/addresses.ts';
import { userShape } from '../shapes.ts';
import { AGENT_LOGIN, LOGIN, LOGOUT, ME, PASSWORD, REGISTER } from './auth-descriptions.ts';

/** Longer ones would only keep the hash busy. */
export const PASSWORD_MAX = 200;

export function authRoutes(app: App, http: Http): void {
  const { edge, signIns } = http;
  const least = edge.settings.passwordMinLength;
  const newPassword = z
    .string('Password is required')
    .min(least, `Password must be at least ${least} characters`)
    .max(PASSWORD_MAX, `Password may have at most ${PASSWORD_MAX} characters`);

  app.post(
    '/api/auth/register',
    {
      schema: {
        body: z.object({
          username: z.string('Username is required').trim().min(1, 'Username is required').max(100),
          email,
          password: newPassword,
          business_name: z.string().trim().min(1).max(255).optional(),
          set_up_code: z.string().max(100).optional(),
        }),
        ...REGISTER,
      },
    },
    async (request, reply) => {
      const { username, email, password, business_name, set_up_code } = request.body;
      const made = await edge.accounts.register(
        { username, email, password, fullName: username },
        business_name ?? username,
        set_up_code,
      );
      if (isRefusal(made)) return refused(reply, made, widgetError);
      wrote(request, reply, http.lists, made);
      http.lists.wrote(`user ${made.user.number}`, made.position);
      return reply.code(201).send({
        success: true,
        message: 'User registered successfully',
        data: { user: userShape(made.user), token: made.token },
      });
    },
  );

  const credentials = z.object({ email, password: z.string('Password is required').max(PASSWORD_MAX) });
  const signIn = async (
    request: Pick<FastifyRequest, 'ip'> & { readonly body: z.infer<typeof credentials> },
    reply: FastifyReply,
  ): Promise<{ user: KnownUser; token: string } | Refusal | undefined> => {
    const { email, password } = request.body;
    const attempt = await signIns.begin(email, networkOf(request.ip));
    if (!attempt.allowed) {
      tooMany(reply, attempt.retryAfter);
      return undefined;
    }
    const entered = await edge.accounts.signIn(email, password);
    if (!isRefusal(entered)) await attempt.succeeded();
    return entered;
  };

  app.post('/api/auth/login', { schema: { body: credentials, ...LOGIN } }, async (request, reply) => {
    const entered = await signIn(request, reply);
    if (!entered) return reply;
    if (isRefusal(entered)) return refused(reply, entered, widgetError);
    return {
      success: true,
      message: 'Login successful',
      data: { user: userShape(entered.user), token: entered.token },
    };
  });

  app.post(
    '/api/auth/agent-login',
    { schema: { body: credentials, ...AGENT_LOGIN } },
    async (request, reply) => {
      const entered = await signIn(request, reply);
      if (!entered) return reply;
      if (isRefusal(entered)) return refused(reply, entered, widgetError);
      return {
        success: true,
        message: 'Agent login successful',
        data: { agent: userShape(entered.user), token: entered.token },
      };
    },
  );

  app.get('/api/auth/me', { onRequest: signedIn, schema: ME }, async (request) => ({
    success: true,
    data: { user: userShape(userOf(request).user) },
  }));

  app.post('/api/auth/logout', { onRequest: signedIn, schema: LOGOUT }, async (request, reply) => {
    const ended = await edge.accounts.signOut(userOf(request));
    if (isRefusal(ended)) return refused(reply, ended, widgetError);
    wrote(request, reply, http.lists, ended);
    return { success: true, message: 'Logged out successfully' };
  });

  app.post(
    '/api/auth/password',
    {
      onRequest: signedIn,
      schema: {
        body: z.object({ current_password: z.string().max(PASSWORD_MAX), new_password: newPassword }),
        ...PASSWORD,
      },
    },
    async (request, reply) => {
      const principal = userOf(request);
      const { current_password, new_password } = request.body;
      const attempt = await signIns.begin(principal.user.profile.email, networkOf(request.ip));
      if (!attempt.allowed) return tooMany(reply, attempt.retryAfter);
      const right = await edge.passwords.matches(principal.user, current_password);
      if (!right) return refused(reply, { refused: 'wrong-password' }, widgetError);
      await attempt.succeeded();
      const changed = await edge.accounts.changePassword(principal.user, new_password, principal);
      if (isRefusal(changed)) return refused(reply, changed, widgetError);
      wrote(request, reply, http.lists, changed);
      const known = edge.directory.anyUser(principal.user.number);
      if (!known) return refused(reply, { refused: 'user-not-found' }, widgetError);
      // Every token ended with the old password, this caller's too: they are given the next one.
      const token = await edge.accounts.tokenFor(known);
      return { success: true, message: 'Password changed successfully', data: { token } };
    },
  );
}

function tooMany(reply: FastifyReply, seconds: number): FastifyReply {
  const { status, message } = explain('too-many-sign-ins');
  reply.code(status).headers({ 'retry-after': String(seconds), 'ratelimit-reset': String(seconds) });
  return reply.send(widgetError(status, message));
}
