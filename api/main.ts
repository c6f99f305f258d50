import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { loadConfig, temporalConnectionOptions } from '../config.ts';
import { connect, createPool, overPool } from '../db/connection.ts';
import { checkKeys, WrongKeys } from '../db/key-check.ts';
import { deliverSubject } from '../db/outbox.ts';
import { createPipelinePool } from '../db/pipeline.ts';
import { Vault } from '../db/vault.ts';
import { Gate } from '../gate/gate.ts';
import { reviewLead } from '../gate/lead-review.ts';
import { shifted } from '../domain/civil-time.ts';
import { readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { KeyRing } from '../keys/key-ring.ts';
import { openKeyStore } from '../keys/stores.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { createSender } from '../workflows/delivery.ts';
import { readAdminKey, registerAdminKey } from './admin-key.ts';
import { Announcer } from './announcer.ts';
import { measureSubjectRequests } from './subject-metrics.ts';
import { createApp } from './app.ts';
import { traceOf } from './failures.ts';
import { LIMITS } from './limits.ts';
import { measureLists } from './list-metrics.ts';
import { measureReassigned } from './reassigned-metrics.ts';
import { measureStore, serveMetrics } from './metrics-server.ts';
import { Metrics } from './metrics.ts';
import { measureWebhooks } from './webhook-metrics.ts';
import { routes } from './routes.ts';
import { OptOutMetrics } from './opt-out-metrics.ts';
import { listen } from './server.ts';
import { measureBackups } from './backup-metrics.ts';
import { measureEndings } from './ending-metrics.ts';
import { DisposalMetrics } from './disposal-metrics.ts';
import { WebhookDesk } from './webhook-desk.ts';

const DEFAULT_PORT = 8080;
const DEFAULT_METRICS_PORT = 9464;
/** Two rounds of clearances, and look-ups of keys beside them. */
const HOT_CONNECTIONS = 4;
/** A person whose facts are just being changed does not keep those waiting who were asked about at the same time. */
const HOT_LOCK_TIMEOUT_MS = 500;
const TEMPORAL_ANSWERS_WITHIN_MS = 1_000;
const KEYS_AWAY = 'the key store does not answer; waiting for it';

const config = loadConfig();
if (!config.databaseUrl) throw new Error('DATABASE_URL says where the facts are; it is not set.');
// Written at once: what pino still holds when nobody reads our output any more would keep this process from ending.
const log = pino({ level: config.logLevel, base: { process: 'api' } }, pino.destination({ fd: 1, sync: true }));
const now = shifted(() => new Date(), config.timeShift);
const stopped = new Promise<void>((resolve) => {
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => resolve());
});

const onIdleError = () => log.warn('a connection to PostgreSQL broke');
const pool = createPool(config.databaseUrl, { max: 20, onIdleError });
const db = overPool(pool);
// A delivery holds its connection while Temporal takes its time; requests must not wait for that.
const deliveryDb = connect(config.databaseUrl, { max: 4, onIdleError });
// Imports and long readings must not keep those waiting who are about to call somebody.
const hotPool = createPipelinePool(config.databaseUrl, { max: HOT_CONNECTIONS, lockTimeout: HOT_LOCK_TIMEOUT_MS, onIdleError });
const hotDb = overPool(hotPool);
const keyStore = openKeyStore(config.keyStore);
const vault = new Vault(await untilItWorks(KEYS_AWAY, () => readKeyFiles(config.keyFolder, keyStore)));
const signing = new SigningKeys(await untilItWorks(KEYS_AWAY, () => readSigningSeeds(config.keyFolder, keyStore)));
const keys = new KeyRing({ db: deliveryDb, vault, folder: config.keyFolder, store: keyStore, process: 'api', log, everyMs: config.keyRefreshMs });
const adminKey = config.adminKeyFile === undefined ? undefined : await readAdminKey(config.adminKeyFile);

const { namespace, taskQueue, ui } = config.temporal;
const connection = Connection.lazy(temporalConnectionOptions(config));
const send = createSender(new Client({ connection, namespace }).workflow, taskQueue, (leadId) => reviewLead(db, leadId, now));
const deliver = async (subjects: readonly string[]) => {
  await Promise.all(subjects.map((subject) => deliverSubject(deliveryDb, subject, now(), send)));
};

// Nothing may be written before it is known that these keys belong to this database, however long that takes to come up.
await untilItWorks('PostgreSQL does not answer, or is not migrated yet; waiting for it', async () => {
  await checkKeys(db, vault);
  await keys.refresh();
  if (adminKey !== undefined) await registerAdminKey(db, adminKey, now());
});
keys.start();
const asksReassigned = config.reassigned.url !== null;
const metrics = new Metrics();
const optOuts = new OptOutMetrics(metrics, { db, now, log });
const disposals = new DisposalMetrics(metrics, { db, now, log });
const measures = [
  measureStore(metrics, db, pool, now), measureLists(metrics, db, now), measureWebhooks(metrics, db, now),
  measureSubjectRequests(metrics, db, now), measureReassigned(metrics, db, now), measureBackups(metrics, { db, now, log }),
  measureEndings(metrics, { db, now, log }), () => optOuts.measure(), () => disposals.measure(),
];
const context = {
  db,
  hotDb,
  vault,
  signing,
  gate: new Gate({ pool: hotPool, db, vault, now, asksReassigned }),
  asksReassigned,
  webhooks: new WebhookDesk({ pool: hotPool, hotDb, db, vault, onOptOut: (receivedAt) => optOuts.recorded(receivedAt) }),
  publicUrl: config.publicUrl ?? null,
  now,
  log,
  announcer: new Announcer(deliver, log),
  temporalUi: ui === undefined ? null : `${ui.replace(/\/$/, '')}/namespaces/${namespace}`,
  temporalAnswers,
  uploadFolder: config.uploadFolder,
  listFolder: config.listFolder,
  listWarningDays: config.listWarningDays,
  webhooksPrivate: config.webhooks.allowsPrivate,
  requestsPerMinute: LIMITS.requestsPerMinute,
  visitsPerMinute: LIMITS.visitsPerMinute,
  patienceMs: LIMITS.patienceMs,
  proxyHops: config.proxyHops,
};
const api = await listen(createApp(context, metrics, routes), config.host, config.port ?? DEFAULT_PORT);
const measuring = await listen(serveMetrics(metrics, ...measures), config.host, config.metricsPort ?? DEFAULT_METRICS_PORT);
const urls = { api: api.url, metrics: `${measuring.url}/metrics` };
// What nobody expected is written down without its message, which may quote a request; whoever watches over us starts again.
process.on('uncaughtException', (error) => {
  log.fatal(traceOf(error), 'the API ends, because something happened that it does not know how to go on from');
  process.exit(1);
});
log.info(urls, 'the API is ready');
process.send?.({ type: 'ready', urls });
// Whoever kills this process should not make the next one compile everything anew.
flushCompileCache();

await stopped;
log.info('the API finishes what it has in hand');
await Promise.all([api.stop(), measuring.stop(), keys.stop()]);
await Promise.all([db.destroy(), hotDb.destroy()]);
// Deliveries that are still being tried end with this process: nothing of them was marked as done, and the relay repeats them.
log.info('the API has stopped');
process.exit(0);

/** Tries again until it works, however long that takes; says once what it waits for. Wrong keys no waiting cures. */
async function untilItWorks<T>(meanwhile: string, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof WrongKeys) throw error;
      if (failures === 0) log.warn(traceOf(error), meanwhile);
      await Promise.race([pause(500), stopped.then(() => process.exit(0))]);
    }
  }
}

async function temporalAnswers(): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + TEMPORAL_ANSWERS_WITHIN_MS, () => connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
