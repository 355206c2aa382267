// The sockets and events as an AsyncAPI 3 document, made of the schemas that read and test their frames.
import { z } from 'zod';
import { CLOSE } from '../../../domain/wire.ts';
import { type Frame, SOCKETS, type Socket } from '../../dialects/sockets.ts';
import { Components, type JsonSchema } from './components.ts';
import { DIALECTS, INTERFACE_VERSION } from './openapi.ts';

export interface AsyncApi {
  readonly asyncapi: '3.0.0';
  readonly info: JsonSchema;
  readonly defaultContentType: string;
  readonly servers: Readonly<Record<string, JsonSchema>>;
  readonly channels: Readonly<Record<string, JsonSchema>>;
  readonly operations: Readonly<Record<string, JsonSchema>>;
  readonly components: {
    readonly messages: Readonly<Record<string, JsonSchema>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

/** What a frame is called in the documents: the id of its schema. */
export function nameOf({ schema }: Frame): string {
  const { id } = z.globalRegistry.get(schema) ?? {};
  if (id === undefined) throw new Error('a frame has no name');
  return id;
}

/** What is said of a frame beside its schema. */
export function saidOf({ schema }: Frame): {
  readonly description?: string;
  readonly examples: readonly unknown[];
} {
  const { description, examples } = z.globalRegistry.get(schema) ?? {};
  return { description, examples: Array.isArray(examples) ? examples : [] };
}

/** The close codes, as a client must take them. */
export function closeCodes(): string {
  const rows = Object.entries(CLOSE).map(
    ([name, { code, reconnect }]) => `| ${code} | ${wordsOf(name)} | ${reconnect ? 'yes' : 'no'} |`,
  );
  return ['| code | meaning | connect again by itself |', '|---|---|---|', ...rows].join('\n');
}

function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Builds the document. `publicUrl`: how clients reach this installation. */
export function asyncApi(publicUrl: string): AsyncApi {
  const components = new Components('draft-7');
  const messages: Record<string, JsonSchema> = {};
  const channels: Record<string, JsonSchema> = {};
  const operations: Record<string, JsonSchema> = {};
  for (const socket of SOCKETS) {
    const { id, fromClient, fromServer } = socket;
    for (const frame of [...fromClient, ...fromServer]) messages[nameOf(frame)] = message(frame, components);
    channels[id] = channel(socket, components);
    // Seen from the server: it receives what clients send.
    if (fromClient.length > 0) operations[`${id}Receive`] = operation(socket, 'receive', fromClient);
    operations[`${id}Send`] = operation(socket, 'send', fromServer);
  }
  const { host, protocol } = new URL(publicUrl);
  const secure = protocol === 'https:';
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Natter',
      version: INTERFACE_VERSION,
      description: `Live chat over sockets: the same conversations in several dialects. An operation that receives is what clients send.\n\n## How a socket closes\n\n${closeCodes()}`,
      license: { name: 'MIT' },
      tags: Object.entries(DIALECTS).map(([name, description]) => ({ name, description })),
    },
    defaultContentType: 'application/json',
    servers: {
      sockets: { host, protocol: secure ? 'wss' : 'ws', description: 'WebSockets' },
      socketio: { host, protocol: secure ? 'https' : 'http', description: 'Socket.IO' },
    },
    channels,
    operations,
    components: { messages, schemas: components.all },
  };
}

function message(frame: Frame, components: Components): JsonSchema {
  const name = nameOf(frame);
  const { description, examples } = saidOf(frame);
  return {
    name: frame.event ?? name,
    title: name,
    ...(description === undefined ? {} : { summary: description }),
    contentType: 'application/json',
    payload: components.schema(frame.schema),
    ...(examples.length > 0 ? { examples: examples.map((payload) => ({ payload })) } : {}),
  };
}

function channel(socket: Socket, components: Components): JsonSchema {
  const { address, title, description, query, parameters, protocol, fromClient, fromServer, dialect } =
    socket;
  const names = [...fromClient, ...fromServer].map(nameOf);
  return {
    address: address ?? null,
    title,
    description,
    tags: [{ name: dialect }],
    ...(protocol === 'log'
      ? {}
      : { servers: [{ $ref: `#/servers/${protocol === 'socketio' ? 'socketio' : 'sockets'}` }] }),
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    ...(parameters
      ? {
          parameters: Object.fromEntries(
            Object.entries(parameters).map(([name, said]) => [name, { description: said }]),
          ),
        }
      : {}),
    ...(query
      ? { bindings: { ws: { method: 'GET', query: components.schema(query), bindingVersion: '0.1.0' } } }
      : {}),
  };
}

function operation({ id, title }: Socket, action: 'send' | 'receive', frames: readonly Frame[]): JsonSchema {
  return {
    action,
    title: `${title}: ${action === 'send' ? 'what it is told' : 'what it may say'}`,
    channel: { $ref: `#/channels/${id}` },
    messages: frames.map((frame) => ({ $ref: `#/channels/${id}/messages/${nameOf(frame)}` })),
  };
}
