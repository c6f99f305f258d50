import { flushCompileCache } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createArchiveStore } from '../activities/archiving/archive-stores.ts';
import { loadConfig, temporalConnectionOptions } from '../config.ts';
import { connect } from '../db/connection.ts';
import { checkKeys } from '../db/key-check.ts';
import { newId } from '../db/ids.ts';
import { Vault } from '../db/vault.ts';
import { shifted } from '../domain/civil-time.ts';
import { FolderJournal } from '../endings/journal/folder-journal.ts';
import { reviewLead } from '../gate/lead-review.ts';
import { readBackupKeys, readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { KeyRing } from '../keys/key-ring.ts';
import { openKeyStore } from '../keys/stores.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { createSender } from '../workflows/delivery.ts';
import { questionTaskQueue, webhookTaskQueue } from '../workflows/messages.ts';
import { cachedWorkflowBundle } from './bundle.ts';
import { ensureBackupSchedules } from './backup-schedules.ts';
import { keepFetchSchedules } from './fetch-schedules.ts';
import { startJournalRelay } from './journal-relay.ts';
import { createLeadWorker } from './lead-worker.ts';
import { createQuestionWorker } from './question-worker.ts';
import { createWebhookWorker } from './webhook-worker.ts';
import { startRelay } from './relay.ts';
import { eventually } from './eventually.ts';
import { castNets, ensureSchedules } from './schedules.ts';
import { sdkLogger } from './sdk-log.ts';
import { untilStopped } from './stopping.ts';

const config = loadConfig();
const { databaseUrl, uploadFolder, listFolder } = config;
if (!databaseUrl) throw new Error('DATABASE_URL says where the facts are; it is not set.');
// Written at once: what pino still holds when nobody reads our output any more would keep this process from ending.
const log = pino({ level: config.logLevel, base: { process: 'worker' } }, pino.destination({ fd: 1, sync: true }));
const now = shifted(() => new Date(), config.timeShift);
const stopped = untilStopped();

const { namespace, taskQueue } = config.temporal;
Runtime.install({ shutdownSignals: [], logger: sdkLogger(log, [webhookTaskQueue(taskQueue), questionTaskQueue(taskQueue)]) });

const db = connect(databaseUrl, { max: 12, onIdleError: () => log.warn('a connection to PostgreSQL broke') });
const relayDb = connect(databaseUrl, { max: 4, onIdleError: () => undefined });
// However many endpoints are served, reviews do not wait for a connection.
const webhookDb = connect(databaseUrl, { max: 8, onIdleError: () => undefined });
const store = openKeyStore(config.keyStore);
const vault = new Vault(await eventually(log, 'The key store', stopped, () => readKeyFiles(config.keyFolder, store)));
const signing = new SigningKeys(await eventually(log, 'The key store', stopped, () => readSigningSeeds(config.keyFolder, store)));
const keys = new KeyRing({ db: relayDb, vault, folder: config.keyFolder, store, process: 'worker', log, everyMs: config.keyRefreshMs });
const journal = new FolderJournal(config.journalFolder, newId());
const { folder, keyringFolder, keyFile } = config.backup;
const backup = folder === undefined
  ? null
  : { target: { folder, keyringFolder }, keys: await eventually(log, 'The key store', stopped, () => readBackupKeys(config.keyFolder, store, keyFile)) };
const bundlePath = config.workflowBundle ?? (await cachedWorkflowBundle(config.cacheFolder));
await eventually(log, 'PostgreSQL', stopped, () => checkKeys(db, vault));
await eventually(log, 'PostgreSQL', stopped, () => keys.refresh());
keys.start();

const options = temporalConnectionOptions(config);
const native = await eventually(log, 'Temporal', stopped, () => NativeConnection.connect(options));
const connection = await eventually(log, 'Temporal', stopped, () => Connection.connect(options));
const client = new Client({ connection, namespace });
await eventually(log, 'Temporal', stopped, () => ensureSchedules(client, taskQueue));
if (backup) await eventually(log, 'Temporal', stopped, () => ensureBackupSchedules(client, taskQueue));

const worker = await eventually(log, 'Temporal', stopped, () =>
  createLeadWorker({
    connection: native, namespace, taskQueue, bundlePath, databaseUrl, db, vault, keys, signing, now, uploadFolder, listFolder,
    log, archive: createArchiveStore(config.archive),
    fetching: config.fetching, messaging: config.messaging, certifying: config.certifying, reassigned: config.reassigned,
    listWarningDays: config.listWarningDays, keyRotationDays: config.keyRotationDays,
    journal, backup, journalFolder: config.journalFolder, backupKeepDays: config.backupKeepDays,
  }),
);
const webhooks = await eventually(log, 'Temporal', stopped, () =>
  createWebhookWorker({
    connection: native, namespace, taskQueue, db: webhookDb, vault, now, outsideNow: () => new Date(), chance: Math.random,
    ...config.webhooks, isRehearsal: config.timeShift !== undefined,
  }),
);
const questions = await eventually(log, 'Temporal', stopped, () =>
  createQuestionWorker({
    connection: native, namespace, taskQueue, db: webhookDb, vault, reassigned: config.reassigned, now, log,
  }),
);
const send = createSender(client.workflow, taskQueue, (leadId) => reviewLead(db, leadId, now));
const relay = startRelay({ db: relayDb, send, now, log, ...config.relay });
const journaling = startJournalRelay({ db: relayDb, journal, log });
const fetches = keepFetchSchedules({ client, db: relayDb, taskQueue, log });
const workers = [worker, webhooks, questions];
const running = Promise.all(workers.map((each) => each.run()));
await eventually(log, 'Temporal', stopped, () => castNets(client, taskQueue));
log.info({ taskQueue }, 'the worker is ready');
process.send?.({ type: 'ready', urls: {} });
// Whoever kills this process should not make the next one compile everything anew.
flushCompileCache();

await Promise.race([stopped.promise, running]);
log.info('the worker finishes what it has in hand');
await Promise.all([relay.stop(), fetches.stop(), journaling.stop()]);
for (const each of workers) if (each.getState() === 'RUNNING') each.shutdown();
await running;
await keys.stop();
await Promise.all([native.close(), connection.close(), db.destroy(), relayDb.destroy(), webhookDb.destroy()]);
log.info('the worker has stopped');
process.exit(0);
