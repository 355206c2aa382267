// Serves the Socket.IO client where its own server does, so that a page may load it from here: /socket.io/socket.io.js.

import type { TemplatedApp } from 'uWebSockets.js';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Reply } from './forwarded-request.ts';

const FILES = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js'];

/** Answers the client's files; `onFault` hears where one cannot be read. */
export function serveClientFiles(app: TemplatedApp, onFault: (fault: unknown) => void): void {
  const require = createRequire(import.meta.url);
  const folder = join(require.resolve('socket.io'), '..', '..', 'client-dist');
  const etag = `"${String(require('socket.io/package.json').version)}"`;
  const read = new Map<string, Promise<Buffer>>();
  const bytesOf = (name: string) => {
    const bytes = read.get(name) ?? readFile(join(folder, name));
    read.set(name, bytes);
    bytes.catch(() => read.delete(name));
    return bytes;
  };

  for (const name of FILES)
    app.get(`/socket.io/${name}`, (res, req) => {
      const known = req.getHeader('if-none-match').includes(etag);
      const reply = new Reply(res);
      if (known) {
        reply.end((open) => open.writeStatus('304 Not Modified').end());
        return;
      }
      bytesOf(name)
        .then((bytes) =>
          reply.end((open) =>
            open
              .writeHeader('content-type', 'application/javascript; charset=utf-8')
              .writeHeader('cache-control', 'public, max-age=3600')
              .writeHeader('etag', etag)
              .writeHeader('access-control-allow-origin', '*')
              .writeHeader('cross-origin-resource-policy', 'cross-origin')
              .writeHeader('x-content-type-options', 'nosniff')
              .end(bytes),
          ),
        )
        .catch((fault: unknown) => {
          onFault(fault);
          reply.json('500 Internal Server Error', '{"message":"The file cannot be read"}');
        });
    });
}
