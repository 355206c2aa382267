// Our pages and their bundles: read once, served from memory, packed where that helps.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, Http } from './context.ts';
import { hidden } from './described.ts';
import { varyBy } from './origins.ts';
import { PAGE_POLICY } from './security-headers.ts';

interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly packed: Buffer | undefined;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly hashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const PACKED = /^(?:text\/|application\/json|image\/svg)/;
const LEAST_PACKED = 1_024;
const pack = promisify(gzip);

const PAGE = hidden('a page for people, or a part of one');

/** `/admin`, `/agent`, `/test-widget.html`, `/widget.js` and `/assets/*`. */
export async function pages(app: App, { edge }: Http): Promise<void> {
  const assets = await readAssets(edge.settings.assets);

  const page = (name: string) => async (request: FastifyRequest, reply: FastifyReply) => {
    const asset = assets.get(name);
    if (!asset) return reply.callNotFound();
    return send(request, reply.header('content-security-policy', PAGE_POLICY), asset);
  };
  app.get('/admin', { schema: PAGE }, page('admin.html'));
  app.get('/agent', { schema: PAGE }, page('agent.html'));
  app.get('/test-widget.html', { schema: PAGE }, async (request, reply) => {
    const asset = assets.get('test-widget.html');
    if (!asset) return reply.callNotFound();
    const workspace = edge.directory.defaultWorkspace();
    const widget = workspace && edge.directory.defaultWidget(workspace.id);
    // A site key is base32 after its prefix: nothing in it means anything to HTML.
    const html = asset.bytes.toString().replaceAll('%SITE_KEY%', widget?.siteKey ?? '');
    reply.header('content-security-policy', PAGE_POLICY);
    return send(request, reply, await assetOf('test-widget.html', Buffer.from(html)));
  });
  app.get('/widget.js', { schema: PAGE }, page('widget.js'));
  app.get<{ Params: { '*': string } }>('/assets/*', { schema: PAGE }, async (request, reply) => {
    const asset = assets.get(request.params['*']);
    return asset && !asset.type.startsWith('text/html') ? send(request, reply, asset) : reply.callNotFound();
  });
}

function send(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  reply.header('etag', asset.etag);
  reply.header('cache-control', asset.hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (asset.packed) varyBy(reply, 'Accept-Encoding');
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
  reply.type(asset.type);
  if (asset.packed && /\bgzip\b/.test(request.headers['accept-encoding'] ?? ''))
    return reply.header('content-encoding', 'gzip').send(asset.packed);
  return reply.send(asset.bytes);
}

async function readAssets(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (fault: NodeJS.ErrnoException) => {
      // An edge without built pages still serves the API, as tests of it do.
      if (fault.code === 'ENOENT') return [];
      throw fault;
    },
  );
  const assets = new Map<string, Asset>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    assets.set(name, await assetOf(name, await readFile(path)));
  }
  return assets;
}

async function assetOf(name: string, bytes: Buffer): Promise<Asset> {
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const packable = PACKED.test(type) && bytes.length >= LEAST_PACKED;
  return {
    type,
    bytes,
    packed: packable ? await pack(bytes) : undefined,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    hashed: /-[A-Z0-9]{8}\.(?:js|css)(?:\.map)?$/.test(name),
  };
}
