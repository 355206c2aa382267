// Writes a small secret file whole or not at all: whoever dies while writing leaves the old one.
import { rename, writeFile } from 'node:fs/promises';

/** Only its owner may read it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.new`;
  // Onto the disk before it takes the old one's place, or a power cut leaves an empty file.
  await writeFile(beside, text, { mode: 0o600, flush: true });
  await rename(beside, file);
}
