// Erased means gone from the disk: the server's files are searched for the text.
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hasNats } from '../../parts/nats.ts';
import { commit, fill, WORKSPACE } from './commits.ts';
import { startJetStream } from './jetstream.ts';

describe.each(['newest', 'debian'] as const)('erasing on nats-server, %s', (version) => {
  test.skipIf(!hasNats(version))(
    'leaves no word of the conversation in any file, and every other one whole',
    async () => {
      const kept = await startJetStream(version);
      const storage = await kept.open({ chatStreams: 1 });
      const { log } = storage;
      const secret = log.subjects.conversation(WORKSPACE, 'secret');
      const other = log.subjects.conversation(WORKSPACE, 'other');
      let mine = 0;
      let theirs = 0;
      for (let v = 1; v <= 150; v++) {
        const [a, b] = await Promise.all([
          log.append(secret, commit(v, `whisper-${v}-${'x'.repeat(v % 50)}`), mine),
          log.append(other, commit(v, `outspoken-${v}-`), theirs),
        ]);
        if (a.kind !== 'stored' || b.kind !== 'stored') throw new Error('not stored');
        mine = a.sequence;
        theirs = b.sequence;
      }
      for (const name of ['ann', 'jane', 'zoe']) {
        await storage.secrets.put(
          `token.${name}`,
          new TextEncoder().encode(name === 'jane' ? 'hush-hush' : 'kept-well'),
        );
      }
      expect(found(kept.nats.dataDir, 'whisper-')).toBe(150);
      expect(found(kept.nats.dataDir, 'hush-hush')).toBe(1);

      const [head = 0] = await fill(log, secret, 1, 151, mine);
      await log.erase(secret, head - 1);
      await storage.secrets.delete('token.jane');
      expect(found(kept.nats.dataDir, 'whisper-')).toBe(0);
      expect(found(kept.nats.dataDir, 'hush-hush')).toBe(0);
      expect(found(kept.nats.dataDir, 'outspoken-')).toBe(150);
      expect(found(kept.nats.dataDir, 'kept-well')).toBe(2);

      await storage.close();
      await kept.nats.stop();
    },
  );
});

/** How often a word lies in the server's files. */
function found(dir: string, word: string): number {
  const shell = `grep -rhoa ${word} ${JSON.stringify(dir)} | wc -l`;
  return Number(execFileSync('sh', ['-c', shell]).toString());
}
