// Files in a message: a picture where the server made a preview, else a chip with name and size.
import { html, nothing, type TemplateResult } from 'lit';
import type { WireAttachment } from '../../domain/wire.ts';
import { fileIcon } from './icons.ts';
import { sizeOf } from './wording.ts';

/** @param link makes a server's relative link whole */
export function attachmentList(
  files: readonly WireAttachment[],
  link: (url: string) => string,
): TemplateResult | typeof nothing {
  if (files.length === 0) return nothing;
  return html`<div class="files">${files.map((file) => one(file, link))}</div>`;
}

function one(file: WireAttachment, link: (url: string) => string): TemplateResult {
  const href = link(file.url);
  if (!file.type.startsWith('image/')) {
    return html`<a class="chip" href=${href} target="_blank" rel="noopener noreferrer" download=${file.name}>
      ${fileIcon}<span class="file" dir="auto">${file.name}</span><small dir="ltr">${sizeOf(file.size)}</small></a>`;
  }
  return html`<a class="picture" href=${href} target="_blank" rel="noopener noreferrer">
    <img src=${link(file.previewUrl ?? file.url)} alt=${file.name} width=${file.width ?? nothing} height=${file.height ?? nothing} loading="lazy" /></a>`;
}
