// The live-chat document (seed 003), its public endpoints request by request: a guest's client written from it works unchanged.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { ask } from '../edge/http/door.ts';
import { asGuest, asJane, guests, ISO, office, startSession } from './live-chat-office.ts';

async function png(): Promise<Blob> {
  const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#2244aa' } });
  return new Blob([new Uint8Array(await image.png().toBuffer())], { type: 'image/png' });
}

describe('public endpoints', () => {
  test('a created session comes back as documented, with a welcome and a visitor token', async () => {
    const { sessionId, answer } = await startSession({
      name: 'John Doe',
      email: 'john@example.com',
      phone: '+1234567890',
    });
    expect(answer.body).toMatchObject({
      success: true,
      message: 'Chat session created successfully',
      data: {
        session: {
          sessionId,
          user: {
            name: 'John Doe',
            email: 'john@example.com',
            phone: '+1234567890',
            metadata: {
              userAgent: 'Mozilla/5.0 (test)',
              ipAddress: '127.0.0.1',
              pageUrl: 'https://example.com/pricing',
            },
          },
          status: 'pending',
          priority: 'medium',
          department: 'general',
          messageCount: 1,
          unreadCount: 0,
          startedAt: expect.stringMatching(ISO),
        },
        welcomeMessage: {
          sessionId,
          type: 'system',
          content: 'Welcome John Doe! A support agent will be with you shortly.',
          agentName: 'System',
        },
        visitorToken: expect.any(String),
      },
    });
    expect(Number(answer.headers.get('x-event-sequence'))).toBeGreaterThan(0);
  });

  test('a session without a name or an e-mail address is refused in the document’s words', async () => {
    for (const json of [{}, { user: {} }, { user: { name: 'John' } }, { user: { email: 'a@b.example' } }]) {
      const answer = await asGuest('POST', '/sessions', json);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ success: false, message: 'User name and email are required' });
    }
  });

  test('a session without an id is given one that nobody can guess', async () => {
    const user = { name: 'Ann', email: 'ann@example.com' };
    const [one, two] = await Promise.all([
      asGuest('POST', '/sessions', { user }),
      asGuest('POST', '/sessions', { user }),
    ]);
    expect(one.body.data.session.sessionId).toMatch(/^[A-Za-z0-9_-]{26,64}$/);
    expect(one.body.data.session.sessionId).not.toBe(two.body.data.session.sessionId);
  });

  test('an id that is taken is refused without showing what is behind it', async () => {
    const { sessionId } = await startSession();
    const answer = await asGuest('POST', '/sessions', {
      sessionId,
      user: { name: 'Eve', email: 'eve@example.com' },
    });
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({ success: false, message: expect.any(String) });
    expect(JSON.stringify(answer.body)).not.toContain('john');
  });

  test('a session’s details name its agent, and nothing that is the business’s own', async () => {
    const { sessionId } = await startSession();
    await asJane('PATCH', `/sessions/${sessionId}/assign`, {
      agentId: String(office.jane.id),
      agentName: 'Jane Smith',
    });
    await asJane('POST', `/sessions/${sessionId}/notes`, { content: 'a secret note' });
    await asJane('PATCH', `/sessions/${sessionId}/status`, { priority: 'urgent', tags: ['secret-tag'] });
    const { status, body } = await asGuest('GET', `/sessions/${sessionId}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      sessionId,
      user: { name: 'John Doe', email: 'john@example.com' },
      status: 'active',
      assignedAgent: { _id: String(office.jane.id), firstName: 'Jane', lastName: 'Smith' },
      messageCount: 1,
      startedAt: expect.stringMatching(ISO),
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|urgent|127\.0\.0\.1|jane\.smith@/);
  });

  test('a session that nobody started is not found', async () => {
    const answer = await asGuest('GET', '/sessions/session-nobody');
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ success: false, message: 'Session not found' });
  });

  test('a message is stored and shown as documented', async () => {
    const { sessionId } = await startSession();
    const sent = await asGuest('POST', `/sessions/${sessionId}/messages`, {
      content: 'Hello, I need help with my order',
    });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      success: true,
      message: 'Message sent successfully',
      data: {
        _id: expect.stringMatching(/^\d+$/),
        sessionId,
        type: 'user',
        content: 'Hello, I need help with my order',
        attachments: [],
        isRead: false,
        createdAt: expect.stringMatching(ISO),
      },
    });
    expect(sent.headers.get('x-event-sequence')).toBe(sent.body.data._id);
  });

  test('messages come in pages, oldest first, with what the agent wrote', async () => {
    const { sessionId } = await startSession();
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'Hello, I need help' });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi! How can I assist you today?' });
    const all = await asGuest('GET', `/sessions/${sessionId}/messages`);
    expect(all.body).toMatchObject({ success: true, count: 3, total: 3, page: 1, pages: 1 });
    expect(all.body.data).toMatchObject([
      { type: 'system', sessionId },
      { type: 'user', content: 'Hello, I need help' },
      { type: 'agent', content: 'Hi! How can I assist you today?', agentName: 'Jane Smith' },
    ]);
    const second = await asGuest('GET', `/sessions/${sessionId}/messages?page=2&limit=2`);
    expect(second.body).toMatchObject({ count: 1, total: 3, page: 2, pages: 2 });
    expect(second.body.data[0]._id).toBe(all.body.data[2]._id);
  });

  test('a message with files carries them, and its links open what was sent', async () => {
    const { sessionId } = await startSession();
    const form = new FormData();
    form.append('content', 'Please see the attached screenshot');
    form.append('files', await png(), 'screenshot.png');
    form.append(
      'files',
      new Blob(['%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n'], { type: 'application/pdf' }),
      'file2.pdf',
    );
    const sent = await ask(office.door.url, 'POST', `${guests}/sessions/${sessionId}/messages`, { form });
    expect(sent.status).toBe(201);
    expect(sent.body.data.content).toBe('Please see the attached screenshot');
    expect(sent.body.data.attachments).toMatchObject([
      { name: 'screenshot.png', type: 'image/png', url: expect.any(String), previewUrl: expect.any(String) },
      { name: 'file2.pdf', type: 'application/pdf' },
    ]);
    const [image] = sent.body.data.attachments;
    const opened = await fetch(image.url.replace('localhost', '127.0.0.1'));
    expect(opened.status).toBe(200);
    expect(opened.headers.get('content-type')).toBe('image/png');
    expect((await opened.arrayBuffer()).byteLength).toBe(image.size);
    const preview = await fetch(image.previewUrl.replace('localhost', '127.0.0.1'));
    expect((await sharp(await preview.arrayBuffer()).metadata()).width).toBe(480);
  });

  test('uploaded files join a message by their ids', async () => {
    const { sessionId } = await startSession();
    const form = new FormData();
    form.append('files', await png(), 'screenshot.png');
    form.append('files', new Blob(['just text']), 'notes.txt');
    form.append('sessionId', sessionId);
    const uploaded = await ask(office.door.url, 'POST', `${guests}/upload`, { form });
    expect(uploaded.status).toBe(201);
    expect(uploaded.body).toMatchObject({
      success: true,
      message: 'Files uploaded successfully',
      data: {
        attachments: [
          { id: expect.any(String), name: 'screenshot.png', type: 'image/png', size: expect.any(Number) },
          { name: 'notes.txt', type: 'text/plain', size: 9 },
        ],
      },
    });
    const ids = uploaded.body.data.attachments.map((file: { id: string }) => file.id);
    const sent = await asGuest('POST', `/sessions/${sessionId}/messages`, { content: '', attachments: ids });
    expect(sent.status).toBe(201);
    expect(sent.body.data.attachments.map((file: { id: string }) => file.id)).toEqual(ids);
  });

  test('a session ends with a rating, and once it has ended its rating may be given anew', async () => {
    const { sessionId } = await startSession();
    const early = await asGuest('POST', `/sessions/${sessionId}/rate`, { score: 5 });
    expect(early.status).toBe(409);
    const ended = await asGuest('PATCH', `/sessions/${sessionId}/end`, {
      rating: 5,
      feedback: 'Great support, very helpful!',
    });
    expect(ended.status).toBe(200);
    expect(ended.body).toEqual({
      success: true,
      message: 'Chat session ended',
      data: { sessionId, status: 'closed', endedAt: expect.stringMatching(ISO) },
    });
    const rated = await asGuest('POST', `/sessions/${sessionId}/rate`, {
      score: 4,
      feedback: 'Excellent service!',
    });
    expect(rated.body).toEqual({
      success: true,
      message: 'Thank you for your feedback!',
      data: { rating: { score: 4, feedback: 'Excellent service!', ratedAt: expect.stringMatching(ISO) } },
    });
  });

  test('ending needs no body, with or without a JSON content type, and twice is as once', async () => {
    const { sessionId } = await startSession();
    const first = await ask(office.door.url, 'PATCH', `${guests}/sessions/${sessionId}/end`);
    const again = await ask(office.door.url, 'PATCH', `${guests}/sessions/${sessionId}/end`, {
      headers: { 'content-type': 'application/json' },
    });
    expect(first.status).toBe(200);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
  });

  test('typing is passed on and acknowledged', async () => {
    const { sessionId } = await startSession();
    const answer = await asGuest('POST', `/sessions/${sessionId}/typing`, { isTyping: true });
    expect(answer.body).toEqual({ success: true, message: 'Typing indicator sent' });
  });
});
