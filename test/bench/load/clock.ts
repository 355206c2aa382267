// The one clock of a load generator: monotonic, and the same in all of its threads.

/** Milliseconds on the machine's monotonic clock. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
