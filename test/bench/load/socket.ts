// A bare WebSocket for both sides of a comparison, so that the generator costs the same kind of work on both.
import { WebSocket } from 'ws';
import type { Door, Hearing } from './line.ts';

const PATIENCE_MS = 20_000;

/** Connects and hands every text frame to `onText` from the first one on. */
export function connectBare(
  door: Door,
  path: string,
  hearing: Hearing,
  onText: (text: string, socket: WebSocket) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(door.url + path, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: PATIENCE_MS,
    ...(door.from ? { localAddress: door.from } : {}),
  });
  // A string's conversion is part of the work on both sides.
  socket.on('message', (data: Buffer) => onText(data.toString(), socket));
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.off('error', reject);
      socket.on('error', (error) => hearing.closed(error.message));
      socket.on('close', (code) => {
        if (code !== 1000 && code !== 1005) hearing.closed(`close code ${code}`);
      });
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** A promise that others settle, with an end to patience. */
export class Awaited {
  readonly done: Promise<void>;
  #resolve: () => void = () => {};

  constructor(what: string) {
    this.done = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come within 20 s`)), PATIENCE_MS);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  now(): void {
    this.#resolve();
  }
}
