import { Counter, Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { deliveryFigures } from '../db/webhook-deliveries.ts';
import type { Measure } from './metrics-server.ts';
import type { Metrics } from './metrics.ts';

const MOST_COUNTED = 10_000;

/** Measures how the deliveries of webhooks go, whoever makes them: the counts are those of the store. */
export function measureWebhooks(metrics: Metrics, db: Db, now: () => Date): Measure {
  const registers = [metrics.registry];
  const results = new Counter({
    name: 'leadwarden_webhook_deliveries_total', help: 'Events delivered and given up, and attempts that failed', labelNames: ['result'], registers,
  });
  const endpoints = new Gauge({ name: 'leadwarden_webhook_endpoints', help: 'Endpoints by how they do', labelNames: ['state'], registers });
  const waiting = new Gauge({ name: 'leadwarden_webhook_deliveries_waiting', help: 'Events that wait for delivery, counted up to 10000', registers });
  const oldest = new Gauge({
    name: 'leadwarden_webhook_oldest_waiting_seconds', help: 'For how long the oldest has waited at an endpoint that is neither paused nor disabled', registers,
  });
  return async () => {
    const figures = await deliveryFigures(db, MOST_COUNTED).catch(() => null);
    if (!figures) return;
    results.reset();
    results.inc({ result: 'delivered' }, figures.delivered);
    results.inc({ result: 'failed' }, figures.failed);
    results.inc({ result: 'given_up' }, figures.givenUp);
    for (const [state, count] of Object.entries(figures.endpoints)) endpoints.set({ state }, count);
    waiting.set(figures.waiting);
    oldest.set(figures.oldestQueuedAt ? Math.max(0, now().getTime() - figures.oldestQueuedAt.getTime()) / 1_000 : 0);
  };
}
