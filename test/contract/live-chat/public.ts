// The live-chat document's public endpoints (seed 003), in its order; registered by 003-live-chat.test.ts.
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { ask } from '../../edge/http/door.ts';
import {
  asGuest,
  asJane,
  formOf,
  guests,
  ISO,
  jane,
  Listener,
  NUMBER,
  office,
  picture,
  STRING,
  sample,
  sendForm,
  startSession,
} from './office.ts';

export function publicEndpoints(): void {
  test('create chat session', async () => {
    const { sessionId, answer } = await startSession();
    const metadata = {
      userAgent: 'Mozilla/5.0...',
      ipAddress: '127.0.0.1',
      pageUrl: 'https://example.com/pricing',
      referrer: 'https://example.com/',
    };
    expect(answer.body).toMatchObject({
      success: true,
      message: 'Chat session created successfully',
      data: {
        session: {
          sessionId,
          user: { name: 'John Doe', email: 'john@example.com', phone: '+1234567890', metadata },
          status: 'pending',
          priority: 'medium',
          department: 'general',
          messageCount: 1,
          unreadCount: 0,
          startedAt: ISO,
        },
        welcomeMessage: {
          sessionId,
          type: 'system',
          content: 'Welcome John Doe! A support agent will be with you shortly.',
          agentName: 'System',
        },
        visitorToken: STRING,
      },
    });
    expect(Number(answer.headers.get('x-event-sequence'))).toBeGreaterThan(0);
    // Left out, the id is one that nobody can guess; taken, nothing is shown of what is behind it.
    const user = { name: 'Eve', email: 'eve@example.com' };
    const own = await asGuest('POST', '/sessions', { user });
    expect(own.body.data.session.sessionId).toMatch(/^[A-Za-z0-9_-]{26,64}$/);
    const taken = await asGuest('POST', '/sessions', { sessionId, user });
    expect(taken.status).toBe(409);
    expect(taken.body).toEqual({ success: false, message: STRING });
    expect((await asGuest('POST', '/sessions', { sessionId: 'a.b', user })).status).toBe(400);
  });

  test('get session details: its agent, and nothing that is the business’s own', async () => {
    const { sessionId } = await startSession();
    await asJane('PATCH', `/sessions/${sessionId}/assign`, { agentId: jane(), agentName: 'Jane Smith' });
    await asJane('POST', `/sessions/${sessionId}/notes`, { content: 'a secret note' });
    await asJane('PATCH', `/sessions/${sessionId}/status`, { priority: 'urgent', tags: ['secret-tag'] });
    const { status, body } = await asGuest('GET', `/sessions/${sessionId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      data: {
        sessionId,
        user: { name: 'John Doe', email: 'john@example.com' },
        status: 'active',
        assignedAgent: { _id: jane(), firstName: 'Jane', lastName: 'Smith' },
        messageCount: 1,
        startedAt: ISO,
      },
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|urgent|127\.0\.0\.1|jane\.smith@/);
  });

  test('send message, in JSON and as a form with files whose links open what was sent', async () => {
    const { sessionId } = await startSession();
    const content = 'Hello, I need help with my order';
    const sent = await asGuest('POST', `/sessions/${sessionId}/messages`, { content });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      success: true,
      message: 'Message sent successfully',
      data: { _id: STRING, sessionId, type: 'user', content, attachments: [], isRead: false, createdAt: ISO },
    });
    expect(sent.headers.get('x-event-sequence')).toBe(sent.body.data._id);

    const files = { 'file1.png': await picture('png'), 'file2.pdf': await sample('pdf') };
    const form = formOf(files, { content: 'Please see the attached screenshot' });
    const { status, body } = await sendForm(`${guests}/sessions/${sessionId}/messages`, form);
    expect(status).toBe(201);
    expect(body.data.content).toBe('Please see the attached screenshot');
    const url = expect.stringMatching(/^https?:/);
    expect(body.data.attachments).toMatchObject([
      { id: STRING, name: 'file1.png', type: 'image/png', size: NUMBER, url, previewUrl: url },
      { id: STRING, name: 'file2.pdf', type: 'application/pdf', size: NUMBER, url },
    ]);
    const [image] = body.data.attachments;
    expect(image.publicId).toBe(image.id);
    const opened = await fetch(image.url.replace('localhost', '127.0.0.1'));
    expect([opened.status, opened.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect((await opened.arrayBuffer()).byteLength).toBe(image.size);
    const preview = await fetch(image.previewUrl.replace('localhost', '127.0.0.1'));
    expect((await sharp(await preview.arrayBuffer()).metadata()).width).toBe(480);

    for (const wrong of [{}, { content: '' }, { content: 5 }, { content: 'x'.repeat(10_001) }])
      expect((await asGuest('POST', `/sessions/${sessionId}/messages`, wrong)).status).toBe(400);
  });

  test('get messages, in pages of 50, oldest first', async () => {
    const { sessionId } = await startSession();
    const path = `/sessions/${sessionId}/messages`;
    await asGuest('POST', path, { content: 'Hello, I need help' });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi! How can I assist you today?' });
    const { body } = await asGuest('GET', path);
    const common = { _id: STRING, sessionId, createdAt: ISO };
    expect(body).toMatchObject({
      success: true,
      count: 3,
      total: 3,
      page: 1,
      pages: 1,
      data: [
        { ...common, type: 'system', content: expect.stringContaining('A support agent will be with you') },
        { ...common, type: 'user', content: 'Hello, I need help' },
        { ...common, type: 'agent', content: 'Hi! How can I assist you today?', agentName: 'Jane Smith' },
      ],
    });
    const second = await asGuest('GET', `${path}?page=2&limit=2`);
    expect(second.body).toMatchObject({ count: 1, total: 3, page: 2, pages: 2, data: [body.data[2]] });
    for (let index = 0; index < 49; index++) await asGuest('POST', path, { content: `message ${index}` });
    const many = await asGuest('GET', path);
    expect(many.body).toMatchObject({ count: 50, total: 52, page: 1, pages: 2 });
    for (const wrong of ['page=0', 'limit=101', 'page=x'])
      expect((await asGuest('GET', `${path}?${wrong}`)).status).toBe(400);
  });

  test('upload attachments: every supported type, up to 10 MB and five files, which then join a message', async () => {
    const { sessionId } = await startSession();
    const upload = (files: Record<string, BlobPart>, fields: Record<string, string> = { sessionId }) =>
      sendForm(`${guests}/upload`, formOf(files, fields));
    const uploaded = await upload({ 'screenshot.png': await picture('png'), 'notes.txt': 'just text' });
    expect(uploaded.status).toBe(201);
    expect(uploaded.body).toMatchObject({
      success: true,
      message: 'Files uploaded successfully',
      data: {
        attachments: [
          {
            id: STRING,
            name: 'screenshot.png',
            type: 'image/png',
            size: NUMBER,
            url: STRING,
            previewUrl: STRING,
          },
          { id: STRING, name: 'notes.txt', type: 'text/plain', size: 9, url: STRING },
        ],
      },
    });
    const ids = uploaded.body.data.attachments.map((file: { id: string }) => file.id);
    const sent = await asGuest('POST', `/sessions/${sessionId}/messages`, { content: '', attachments: ids });
    expect(sent.status).toBe(201);
    expect(sent.body.data.attachments.map((file: { id: string }) => file.id)).toEqual(ids);

    for (const extension of 'jpg jpeg png gif webp pdf doc docx xls xlsx txt'.split(' ')) {
      const one = await upload({ [`file.${extension}`]: await sample(extension) });
      expect([extension, one.status]).toEqual([extension, 201]);
    }
    const text = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.txt`, 'text']));
    const big = 'x'.repeat(10 * 1024 * 1024);
    expect((await upload({ 'ten-megabytes.txt': big })).status).toBe(201);
    expect((await upload({ 'more.txt': `${big}x` })).status).toBe(413);
    expect((await upload(text(5))).status).toBe(201);
    expect((await upload(text(6))).status).toBe(400);
    expect((await upload({ 'program.exe': 'MZ' })).status).toBe(400);
    const nothing = await upload({});
    expect(nothing.status).toBe(400);
    expect(nothing.body.message).toBe('No file was sent; put at least one into the form');
    expect((await upload({ 'empty.txt': '' })).body.message).toBe('The file is empty');
    expect((await upload(text(1), {})).body).toEqual({ success: false, message: 'sessionId is required' });
  });

  test('end chat session, with a rating or without any body; twice is as once', async () => {
    const { sessionId } = await startSession();
    const ended = await asGuest('PATCH', `/sessions/${sessionId}/end`, {
      rating: 5,
      feedback: 'Great support, very helpful!',
    });
    expect(ended.body).toEqual({
      success: true,
      message: 'Chat session ended',
      data: { sessionId, status: 'closed', endedAt: ISO },
    });
    const plain = (await startSession()).sessionId;
    const path = `${guests}/sessions/${plain}/end`;
    const first = await ask(office.door.url, 'PATCH', path);
    const headers = { 'content-type': 'application/json' };
    const again = await ask(office.door.url, 'PATCH', path, { headers });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
  });

  test('rate chat session, once it has ended', async () => {
    const { sessionId } = await startSession();
    const rate = (json: unknown) => asGuest('POST', `/sessions/${sessionId}/rate`, json);
    expect((await rate({ score: 5 })).status).toBe(409);
    await asGuest('PATCH', `/sessions/${sessionId}/end`);
    const rated = await rate({ score: 5, feedback: 'Excellent service!' });
    expect(rated.body).toEqual({
      success: true,
      message: 'Thank you for your feedback!',
      data: { rating: { score: 5, feedback: 'Excellent service!', ratedAt: ISO } },
    });
    const told = async (json: unknown) => (await rate(json)).body;
    expect(await told({ score: 6 })).toEqual({ success: false, message: 'score must be at most 5' });
    expect(await told({ score: 0 })).toEqual({ success: false, message: 'score must be at least 1' });
    expect(await told({ score: 4.5 })).toEqual({ success: false, message: 'score must be a whole number' });
    expect(await told({})).toEqual({ success: false, message: 'score is required' });
  });

  test('send typing indicator: acknowledged, and shown to an agent who looks at the session', async () => {
    const { sessionId } = await startSession();
    const dashboard = await Listener.admin();
    dashboard.send({ type: 'subscribe_session', sessionId });
    for (const isTyping of [true, false]) {
      // Subscribing has no answer: the first indicator may come before it has been carried out.
      await expect
        .poll(async () => {
          const answer = await asGuest('POST', `/sessions/${sessionId}/typing`, { isTyping });
          expect(answer.body).toEqual({ success: true, message: 'Typing indicator sent' });
          return dashboard.frames.at(-1);
        })
        .toEqual({ type: 'user_typing', sessionId, isTyping });
    }
    const wrong = await asGuest('POST', `/sessions/${sessionId}/typing`, {});
    expect(wrong.body).toEqual({ success: false, message: 'isTyping is required' });
  });
}
