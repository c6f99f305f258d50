import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What one API process counts. Labels are operations and statuses: never a path, a key or anything a caller sent. */
export class Metrics {
  readonly registry = new Registry();
  readonly #inFlight: Gauge;
  readonly #durations: Histogram;
  /** By operation and status: finding its labels again costs more than measuring. */
  readonly #measures = new Map<string, Histogram.Internal<string>>();
  readonly #refusals: Counter;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.#inFlight = new Gauge({ name: 'leadwarden_requests_in_flight', help: 'Requests being answered now', registers });
    this.#durations = new Histogram({
      name: 'leadwarden_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['operation', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    });
    this.#refusals = new Counter({ name: 'leadwarden_refusals_total', help: 'Refused requests by code', labelNames: ['code'], registers });
  }

  started(): void {
    this.#inFlight.inc();
  }

  finished(operation: string, status: number, seconds: number): void {
    this.#inFlight.dec();
    const key = `${operation} ${status}`;
    const measure = this.#measures.get(key) ?? this.#durations.labels(operation, String(status));
    this.#measures.set(key, measure);
    measure.observe(seconds);
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }
}
