// Bounds of every list: how long a page may be and how far one may leaf.

export interface Page {
  /** 1, 2, 3 …; bounded at 10,000. */
  readonly page?: number;
  /** Rows a page, 1 to 100; 20 by default. */
  readonly limit?: number;
}

/** Turns a page into bounded SQL figures. `most`: rows that this list's pages may have. */
export function windowOf({ page = 1, limit = 20 }: Page, most = 100): { limit: number; offset: number } {
  const size = within(limit, 1, most);
  return { limit: size, offset: (within(page, 1, 10_000) - 1) * size };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.trunc(Number.isFinite(value) ? value : least)));
}
