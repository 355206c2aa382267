// Which servers the log may stand on: what each version cannot promise is refused or said at the start.

/** Compares `2.9.10`-like versions; what follows a hyphen counts as the release itself. */
export function isBefore(version: string, other: string): boolean {
  const [a, b] = [version, other].map((v) => v.split('-')[0]?.split('.').map(Number) ?? []);
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The sentence that refuses a server, or undefined where it is good enough for so many replicas. */
export function refusalOf(version: string, replicas: number): string | undefined {
  if (isBefore(version, '2.9.10')) return `nats-server ${version} is too old: at least 2.9.10 is needed`;
  if (replicas > 1 && isBefore(version, '2.9.21')) {
    return `nats-server ${version} with ${replicas} replicas lets two writers win at once: at least 2.9.21 is needed, or 1 replica`;
  }
  return undefined;
}

/** The sentence that warns of a server that is good enough but not safe in all weather. */
export function warningOf(version: string, replicas: number): string | undefined {
  if (replicas > 1 && isBefore(version, '2.12.0')) {
    return `nats-server ${version} with ${replicas} replicas: 2.12.12 or 2.14.3 and later are safer, see README`;
  }
  return undefined;
}

/** What an acknowledged commit survives, in a sentence. `syncAlways`: as set at the server, undefined where nobody told. */
export function durabilityOf(version: string, replicas: number, syncAlways: boolean | undefined): string {
  const copies = replicas > 1 ? `${replicas} copies` : 'one copy';
  const of = `nats-server ${version}, ${copies}`;
  const survives = 'acknowledged means written: it survives the death of any process';
  if (isBefore(version, '2.10.0')) {
    return `${survives}; a power failure may cost up to a minute, since this server cannot sync each commit (${of})`;
  }
  if (syncAlways === true) return `acknowledged means synced to disk: it survives a power failure (${of})`;
  if (syncAlways === false) return `${survives}; a power failure may cost up to two minutes (${of})`;
  return `${survives}; a power failure as well only where the server runs with sync_interval: always (${of})`;
}
