import type { RequestListener } from 'node:http';
import type { Pool } from 'pg';
import { Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { journalLag } from '../db/journal-entries.ts';
import { outboxBacklog } from '../db/outbox.ts';
import type { Metrics } from './metrics.ts';

/** Brings the measurements of something outside of this process up to date. Never fails. */
export type Measure = () => Promise<void>;

/** Answers `GET /metrics` in Prometheus' text format. It belongs on a port that only the monitoring reaches. */
export function serveMetrics(metrics: Metrics, ...measures: readonly Measure[]): RequestListener {
  return (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    Promise.all(measures.map((measure) => measure())).then(() => metrics.registry.metrics()).then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  };
}

/** Measures how the store is doing: whether it answers, the connections to it, and what waits in its outbox. */
export function measureStore(metrics: Metrics, db: Db, pool: Pool, now: () => Date): Measure {
  const registers = [metrics.registry];
  const up = new Gauge({ name: 'leadwarden_postgresql_up', help: 'Whether PostgreSQL answered just now', registers });
  const connections = new Gauge({
    name: 'leadwarden_postgresql_connections', help: 'Connections of this process', labelNames: ['state'], registers,
  });
  const waiting = new Gauge({
    name: 'leadwarden_outbox_messages', help: 'Facts their workflows were not told yet, counted up to 100000', labelNames: ['lane'], registers,
  });
  const oldest = new Gauge({ name: 'leadwarden_outbox_oldest_seconds', help: 'For how long the oldest of them has been due', registers });
  const journal = new Gauge({
    name: 'leadwarden_journal_oldest_seconds', help: 'For how long the oldest fact has waited that the journal does not have yet', registers,
  });
  return async () => {
    connections.set({ state: 'idle' }, pool.idleCount);
    connections.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
    connections.set({ state: 'awaited' }, pool.waitingCount);
    const backlog = await outboxBacklog(db).catch(() => null);
    up.set(backlog ? 1 : 0);
    if (!backlog) return;
    journal.set((await journalLag(db).catch(() => null)) ?? 0);
    waiting.set({ lane: 'urgent' }, backlog.urgent);
    waiting.set({ lane: 'bulk' }, backlog.bulk);
    waiting.set({ lane: 'endpoints' }, backlog.endpoints);
    oldest.set(backlog.oldestDueAt ? Math.max(0, now().getTime() - backlog.oldestDueAt.getTime()) / 1000 : 0);
  };
}
