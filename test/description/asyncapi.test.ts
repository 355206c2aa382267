// The AsyncAPI document: valid, whole, and its examples are as their schemas say; what clients may say is said over real sockets in socket-frames.test.ts.
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { conversationEvent } from '../../domain/conversation/events.ts';
import { CLOSE } from '../../domain/wire.ts';
import { SOCKETS } from '../../edge/dialects/sockets.ts';
import { asyncApi, nameOf } from '../../edge/http/description/asyncapi.ts';
import { closed } from './interface.ts';

const document = asyncApi('https://chat.example.com');

test('is valid AsyncAPI 3.0.0', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const schema = specs.schemasWithoutId['3.0.0'];
  const validate = ajv.compile(schema);
  validate(JSON.parse(JSON.stringify(document)));
  expect(validate.errors ?? []).toEqual([]);
});

test('its references lead somewhere', () => {
  const find = (pointer: string) =>
    pointer
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
  const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, pointer = '']) => pointer,
  );
  expect(pointers.length).toBeGreaterThan(200);
  for (const pointer of pointers) expect([pointer, typeof find(pointer)]).toEqual([pointer, 'object']);
});

test('has a channel for every socket, with every frame of both sides', () => {
  expect(SOCKETS.map(({ address }) => address)).toEqual([
    '/ws/v1',
    '/ws/live-chat',
    '/ws/live-chat',
    '/ws/{sessionId}',
    '/ws/agent/{agentId}',
    '/socket.io/',
    undefined,
  ]);
  for (const { id, fromClient, fromServer } of SOCKETS) {
    const { messages } = document.channels[id] as { messages: object };
    expect(Object.keys(messages)).toEqual([...fromClient, ...fromServer].map(nameOf));
  }
});

test('has every event of a conversation but those that open files, in the envelope of CloudEvents', () => {
  const types = conversationEvent.options.map(({ shape }) => shape.type.value);
  const names = Object.keys(document.components.messages);
  for (const type of types)
    expect([type, names.includes(`Event${type}`)]).toEqual([type, type !== 'AttachmentAdded']);
  const posted = document.components.schemas.EventMessagePosted as {
    properties: { type: object; specversion: object; data: { properties: object } };
  };
  expect(posted.properties.type).toMatchObject({ const: 'chat.message.posted' });
  expect(Object.keys(posted.properties.data.properties)).toEqual([
    'text',
    'attachments',
    'author',
    'sources',
  ]);
  expect(JSON.stringify(document)).not.toMatch(/AES|sha256/);
});

test('says of every close code whether a client should connect again', () => {
  for (const { code, reconnect } of Object.values(CLOSE))
    expect(document.info.description).toMatch(
      new RegExp(`\\| ${code} \\| [a-z ]+ \\| ${reconnect ? 'yes' : 'no'} \\|`),
    );
});

test('shows for every frame examples that are as its schema says', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const components = closed({ schemas: document.components.schemas });
  for (const { fromClient, fromServer, protocol } of SOCKETS) {
    if (protocol === 'log') continue;
    for (const frame of [...fromClient, ...fromServer]) {
      const name = nameOf(frame);
      const validate = ajv.compile({ $ref: `#/components/schemas/${name}`, components } as never);
      const { examples = [] } = document.components.messages[name] as { examples?: { payload: unknown }[] };
      expect([name, examples.length > 0]).toEqual([name, true]);
      for (const { payload } of examples)
        expect([name, validate(payload), ajv.errorsText(validate.errors)]).toEqual([name, true, 'No errors']);
    }
  }
});
