// What /metrics tells: requests by route, sockets, and how far the read models are behind.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ReadModels } from '../projections/read-models.ts';
import { socketCounters } from './socket/counters.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: 'natter_http_request_duration_seconds',
    help: 'HTTP requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #appends = new Histogram({
    name: 'natter_append_duration_seconds',
    help: 'From a wish of a caller over HTTP to its event in the log',
    buckets: SECONDS,
    registers: [this.#registry],
  });

  constructor(readModels: ReadModels) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'natter_sockets_open',
      help: 'Open sockets by kind',
      labelNames: ['kind'],
      registers,
      collect() {
        for (const [kind, count] of Object.entries(socketCounters.open)) this.set({ kind }, count);
      },
    });
    const totals: readonly (readonly [string, string, () => number])[] = [
      ['natter_socket_frames_in_total', 'Frames that sockets sent', () => socketCounters.framesIn],
      ['natter_socket_frames_out_total', 'Frames sent to sockets', () => socketCounters.framesOut],
      [
        'natter_sockets_too_slow_total',
        'Sockets closed for not reading fast enough',
        () => socketCounters.tooSlow,
      ],
      ['natter_sockets_too_many_total', 'Sockets closed for sending too much', () => socketCounters.tooMany],
      [
        'natter_live_gaps_total',
        'Live copies found missing and read from the log',
        () => socketCounters.gaps,
      ],
    ];
    for (const [name, help, read] of totals)
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    new Gauge({
      name: 'natter_conversations_followed',
      help: 'Conversations with sockets on this edge',
      registers,
      collect() {
        this.set(socketCounters.followed);
      },
    });
    new Gauge({
      name: 'natter_projection_lag',
      help: 'Commits not yet in a read model; absent while the read models are away',
      labelNames: ['projection'],
      registers,
      async collect() {
        this.reset();
        const progress = await readModels.lag().catch(() => ({}));
        for (const [projection, { lag }] of Object.entries(progress)) this.set({ projection }, lag);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts an answered request; `route` is its pattern, never its address. */
  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  /** Notes how long a write took, in seconds. */
  appended(seconds: number): void {
    this.#appends.observe(seconds);
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
