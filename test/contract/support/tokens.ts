// The support document's tokens (seed 002), for 002-support.test.ts.
import { expect, test } from 'vitest';
import { call, eventually, office, STRING, tokenOf, withKey } from './office.ts';

export function tokens(): void {
  test('gives anybody a token of 30 days for a user', async () => {
    const { status, body, headers } = await call(
      'POST',
      '/auth/token',
      {},
      { userId: 'user123', userType: 'user' },
    );
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      success: true,
      data: { token: STRING, expiresIn: '30d', userId: 'user123', userType: 'user' },
      token: body.data.token,
    });
    const { exp, iat } = JSON.parse(Buffer.from(body.token.split('.')[1], 'base64url').toString());
    expect(exp - iat).toBe(30 * 86_400);
    const unsaid = await call('POST', '/auth/token', {}, { userId: 'user123' });
    expect(unsaid.body.data.userType).toBe('user');
  });

  test('says what is wrong with what was asked', async () => {
    for (const [json, message] of [
      [{}, 'userId is required'],
      [{ userId: '' }, 'userId must not be empty'],
      [{ userId: null }, 'userId must be text or a number'],
      [{ userId: 'x'.repeat(129) }, 'userId must have at most 128 characters'],
      [{ userId: 'user123', userType: 'king' }, 'userType must be one of user, agent or system'],
      [undefined, 'A userId is required'],
    ] as const) {
      const { status, body } = await call('POST', '/auth/token', {}, json);
      expect([json, status, body]).toEqual([json, 400, { success: false, message }]);
    }
  });

  test('gives a token for an agent only for the API key or to an admin', async () => {
    const wanted = { userId: 'grace', userType: 'agent' };
    for (const by of [{}, { token: await tokenOf('user123') }]) {
      const { status, body } = await call('POST', '/auth/token', by, wanted);
      expect(status).toBe(401);
      expect(body).toEqual({
        success: false,
        message: "A token for an agent needs the API key (X-API-Key) or an admin's token",
      });
    }
    const wrong = await call('POST', '/auth/token', { key: 'wrong' }, wanted);
    expect([wrong.status, wrong.body.message]).toEqual([401, 'The API key is not valid']);

    const made = await call('POST', '/auth/token', withKey(), wanted);
    expect(made.status).toBe(200);
    expect(made.body.data).toEqual({
      token: made.body.token,
      expiresIn: '30d',
      userId: 'grace',
      userType: 'agent',
      agentId: STRING,
    });
    const grace = (await call('GET', '/auth/me', { token: made.body.token })).body.data.user;
    expect(grace).toMatchObject({ username: 'grace', full_name: 'grace', role: 'support' });
    // By this id she finds her own among sessions and messages.
    expect(made.body.data.agentId).toBe(String(grace.id));

    // Known from now on, by name, number and address; an admin's own token does as well.
    for (const userId of ['grace', grace.id, String(grace.id), grace.email]) {
      const again = await call(
        'POST',
        '/auth/token',
        { token: office.boss.token },
        { userId, userType: 'agent' },
      );
      const me = await call('GET', '/auth/me', { token: again.body.token });
      expect(me.body.data.user.id).toBe(grace.id);
    }
  });

  test('two who ask for the same new agent at once are given the same one', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map(() => tokenOf('Ada of Acme', 'agent', office.apiKey)));
    const ids = await Promise.all(
      tokens.map(async (token) => (await call('GET', '/auth/me', { token })).body.data.user.id),
    );
    expect(new Set(ids).size).toBe(1);
  });

  test('gives nobody else a token of an admin', async () => {
    const wanted = { userId: office.boss.id, userType: 'agent' };
    const { status, body } = await call('POST', '/auth/token', withKey(), wanted);
    expect(status).toBe(403);
    expect(body).toEqual({
      success: false,
      message: 'A token for an admin is given to that admin alone; sign in at /api/auth/login',
    });
    expect((await call('POST', '/auth/token', { token: office.boss.token }, wanted)).status).toBe(200);
  });

  test('gives a token for a system for the API key alone, good until the key is changed', async () => {
    const wanted = { userId: 'crm', userType: 'system' };
    const { status, body } = await call('POST', '/auth/token', { token: office.boss.token }, wanted);
    expect([status, body.message]).toEqual([401, 'A token for a system needs the API key (X-API-Key)']);
    const { body: given } = await call('POST', '/auth/token', withKey(), wanted);
    expect(given.data).toMatchObject({ userId: 'crm', userType: 'system', expiresIn: '30d' });
    expect((await call('GET', '/chat/stats', { token: given.token })).status).toBe(200);
    await office.door.parts.apiTokens.rotate(office.workspace);
    await eventually(async () => (await call('GET', '/chat/stats', { token: given.token })).status === 401);
    await office.door.parts.apiTokens.configure(office.workspace, 'another');
    await office.door.parts.apiTokens.configure(office.workspace, office.apiKey);
    await eventually(async () => (await call('GET', '/chat/stats', withKey())).status === 200);
  });
}
