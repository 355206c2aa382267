// The page about sockets: what the AsyncAPI document says, for people, without a script.

import { type Frame, SOCKETS, type Socket } from '../../dialects/sockets.ts';
import type { AsyncApi } from './asyncapi.ts';
import { closeCodes, nameOf, saidOf } from './asyncapi.ts';
import type { JsonSchema } from './components.ts';

/** Its style; a file of its own, since the page's policy allows no style within it. */
export const SOCKETS_STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --quiet: #44506a; --page: #fff; --line: #e3e8f0; --soft: #f4f6fa; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --quiet: #aab3c5; --page: #11151c; --line: #2c3442; --soft: #1a202b; --link: #8ab4f8; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page); overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; } h3 { margin: 1.8rem 0 .3rem; font-size: 1.05rem; }
a { color: var(--link); } code, pre { font: 14px/1.45 ui-monospace, monospace; } code { background: var(--soft); padding: .1em .3em; border-radius: 4px; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .8rem; overflow-x: auto; overflow-wrap: normal; } pre code { background: none; padding: 0; }
table { border-collapse: collapse; } td, th { text-align: start; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { overflow-wrap: normal; } td code { overflow-wrap: normal; }
nav ul { columns: 2 12rem; padding-inline-start: 1.1rem; } summary { cursor: pointer; color: var(--quiet); }
`;

/** The page. `style`: where its style lies. */
export function socketsPage({ components }: AsyncApi, style: string): string {
  const nav = SOCKETS.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Natter: sockets and events</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style}">
</head>
<body>
<h1>Sockets and events</h1>
<p>The same conversations in several dialects. For programs: <a href="/api/asyncapi.json">AsyncAPI 3</a>. What is asked over HTTP: <a href="/api/docs">reference</a>.</p>
<nav aria-label="Sockets"><ul>${nav}<li><a href="#closing">How a socket closes</a></li></ul></nav>
${SOCKETS.map((socket) => section(socket, components.schemas)).join('\n')}
<section aria-labelledby="closing"><h2 id="closing">How a socket closes</h2>${table(closeCodes())}</section>
</body>
</html>
`;
}

function section(socket: Socket, schemas: AsyncApi['components']['schemas']): string {
  const { id, title, address, description, query, fromClient, fromServer } = socket;
  const names = query ? Object.entries(query.shape) : [];
  const parameters = names.map(([name, schema]) => {
    const { description: said = '' } = schema as { readonly description?: string };
    return `<tr><td><code>${escaped(name)}</code></td><td>${prose(said)}</td></tr>`;
  });
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${escaped(title)}</h2>
${address === undefined ? '' : `<p><code>${escaped(address)}</code></p>`}
<p>${prose(description)}</p>
${parameters.length > 0 ? `<table><thead><tr><th>In the query</th><th></th></tr></thead><tbody>${parameters.join('')}</tbody></table>` : ''}
${list('What a client may say', fromClient, schemas)}
${list(address === undefined ? 'What there is' : 'What a client is told', fromServer, schemas)}
</section>`;
}

function list(title: string, frames: readonly Frame[], schemas: AsyncApi['components']['schemas']): string {
  if (frames.length === 0) return '';
  return `<h3>${title}</h3>${frames.map((frame) => shown(frame, schemas)).join('\n')}`;
}

function shown(frame: Frame, schemas: AsyncApi['components']['schemas']): string {
  const { description, examples } = saidOf(frame);
  const name = nameOf(frame);
  const code = (value: unknown) =>
    `<pre tabindex="0"><code>${escaped(JSON.stringify(value, null, 2))}</code></pre>`;
  const { examples: _shown, description: _said, ...schema }: JsonSchema = schemas[name] ?? {};
  return `<article>
<h4>${frame.event === undefined ? '' : `<code>${escaped(frame.event)}</code> · `}${escaped(name)}</h4>
${description === undefined ? '' : `<p>${prose(description)}</p>`}
${examples.map(code).join('\n')}
<details><summary>Schema</summary>${code(schema)}</details>
</article>`;
}

/** A table of Markdown, which closeCodes writes. */
function table(markdown: string): string {
  const [head = '', , ...rows] = markdown.split('\n');
  const cells = (row: string, tag: string) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => `<${tag}>${escaped(cell.trim())}</${tag}>`)
      .join('');
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`;
}

/** A sentence of ours, with what stands in backticks as code. */
function prose(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
