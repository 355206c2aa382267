// What the probes answer, for documents and tests.
import { z } from 'zod';
import { described } from './described.ts';

const dialect = 'native';

export const HEALTHZ = described({
  dialect,
  summary: 'Whether this process is alive',
  access: 'public',
  answers: { 200: z.object({ alive: z.literal(true) }) },
  examples: [{ status: 200, answer: { alive: true } }],
});

const readiness = z
  .object({
    ready: z.boolean(),
    log: z.record(z.string(), z.number().int()).describe('The head sequence of each stream.'),
    projections: z
      .record(z.string(), z.object({ generation: z.union([z.number(), z.string()]), lag: z.number().int() }))
      .describe('`lag`: commits that it does not show yet, summed over the streams.'),
    durability: z.string().describe('What an acknowledgement is worth.'),
    nats: z.object({ version: z.string(), connected: z.boolean() }),
    postgres: z.boolean(),
  })
  .meta({ id: 'Readiness' });

export const READYZ = described({
  dialect,
  summary: 'Whether the log can be written and sockets are served',
  description: 'With `lists=true` only once every projection is at the head as well.',
  access: 'public',
  answers: { 200: readiness, 503: readiness },
  examples: [
    {
      status: 200,
      answer: {
        ready: true,
        log: { CHAT_0: 12, CHAT_1: 9, CHAT_2: 30, CHAT_3: 7, WORKSPACE: 4 },
        projections: { inbox: { generation: 1, lag: 0 } },
        durability: 'synced to disk before it is acknowledged',
        nats: { version: '2.12.12', connected: true },
        postgres: true,
      },
    },
  ],
});

export const METRICS = described({
  dialect,
  summary: 'Figures for Prometheus',
  access: 'public',
  media: 'text/plain',
  answers: { 200: z.string() },
  examples: [{ status: 200 }],
});

export const HEALTH = described({
  dialect: 'widget',
  summary: 'That the API runs, and where',
  access: 'public',
  answers: {
    200: z.object({
      success: z.literal(true),
      message: z.string(),
      timestamp: z.iso.datetime(),
      environment: z.enum(['development', 'production', 'test']),
      domain: z.string(),
      apiUrl: z.string(),
      wsUrl: z.string(),
    }),
  },
  examples: [
    {
      status: 200,
      answer: {
        success: true,
        message: 'Chat Widget API is running',
        timestamp: '2024-01-15T10:30:00.000Z',
        environment: 'production',
        domain: 'support.example.com',
        apiUrl: 'https://support.example.com/api',
        wsUrl: 'wss://support.example.com',
      },
    },
  ],
});
