// The native socket over a real log: both ways, answers, repeats, rights.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let edge: TestEdge;
let business: Business;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats);
  business = await found(edge);
});
afterAll(async () => {
  await edge?.close();
  await nats?.stop();
});

async function pair() {
  const { conversation, visitorToken } = await open(edge, business.workspace);
  const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
  const agent = await Talker.connect(edge.port, { token: business.agent.token });
  await visitor.resume(conversation);
  await agent.resume(conversation);
  return { conversation, visitorToken, visitor, agent };
}

describe('a conversation', () => {
  test('goes both ways, acknowledged, each event once and in order', async () => {
    const { conversation, visitor, agent } = await pair();
    const posted = await visitor.post(conversation, 'Hello?');
    expect(posted).toMatchObject({ ok: true, version: 3 });
    await agent.when(() => agent.texts.includes('Hello?'));
    await agent.post(conversation, 'Hi, how can I help?');
    await visitor.when(() => visitor.texts.includes('Hi, how can I help?'));
    for (const side of [visitor, agent]) {
      expect(side.texts).toEqual(['Welcome Vera!', 'Hello?', 'Hi, how can I help?']);
      side.events.forEach((event, index) => {
        expect(event.previous).toBe(side.events[index - 1]?.version ?? 0);
      });
    }
    visitor.close();
    agent.close();
  });
});
