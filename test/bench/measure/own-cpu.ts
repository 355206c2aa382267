// What the bench's own process takes of a core: where it holds the sockets, it must not be what is measured.

/** Counts from when it is made. */
export class OwnCpu {
  readonly #cpu = process.cpuUsage();
  readonly #since = performance.now();

  /** Share of one core: 1 is all of it. */
  share(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1_000 / (performance.now() - this.#since);
  }
}
