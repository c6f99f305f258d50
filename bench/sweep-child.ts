import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createArchiveActivities } from '../activities/archive.ts';
import { FolderStore } from '../activities/archiving/folder-store.ts';
import { createDisposalActivities } from '../activities/disposal.ts';
import { createLifeActivities } from '../activities/life.ts';
import { createReconciliationActivities } from '../activities/reconciliation.ts';
import { createRetentionSweepActivities } from '../activities/retention-sweep.ts';
import { createReviewActivities } from '../activities/review.ts';
import { connect } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import type { Send } from '../db/outbox.ts';
import { Vault } from '../db/vault.ts';
import type { SweepPart, SweepPlace } from '../domain/sweep-card.ts';
import { FolderJournal } from '../endings/journal/folder-journal.ts';
import { readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { startRelay } from '../worker/relay.ts';

/** As the worker has them: connections, looks at once, messages a second. */
const CONNECTIONS = { activities: 12, relay: 4 };
const LOOKS_AT_ONCE = 32;
const RATE = 100;

/**
 * A process of its own that does what a worker does while many leads are overdue, all of it at once and without Temporal in
 * between: the hourly sweep, the reconciliation, whose five minutes begin anew as soon as it is through, and the relay, behind
 * each of whose messages a lead is looked at, archived or disposed of. Begins when it is told to, and does not end.
 */
const [url, keyFolder, folder, aheadMs, phase] = process.argv.slice(2) as [string, string, string, string, SweepPlace['phase']];
const now = () => new Date(Date.now() + Number(aheadMs));
const db = connect(url, { max: CONNECTIONS.activities });
const relayDb = connect(url, { max: CONNECTIONS.relay });
const means = {
  db, now, vault: new Vault(await readKeyFiles(keyFolder)), signing: new SigningKeys(await readSigningSeeds(keyFolder)),
  archive: new FolderStore(join(folder, 'archive')), journal: new FolderJournal(join(folder, 'journal'), newId()), backupKeepDays: 30,
  log: pino({ level: 'silent' }),
};
const ends = { ...createArchiveActivities(means), ...createDisposalActivities(means) };
const lives = createLifeActivities(createReviewActivities(means), ends);
const sweeping = createRetentionSweepActivities(means);
const reconciling = createReconciliationActivities(means);

const looks = new Set<Promise<unknown>>();

const send: Send = async ({ subject }) => {
  while (looks.size >= LOOKS_AT_ONCE) await Promise.race(looks);
  const look: Promise<unknown> = lives.reviewLead(subject).finally(() => looks.delete(look));
  looks.add(look);
  return { delivered: true };
};

async function sweep(): Promise<void> {
  let place: SweepPlace | null = { phase, after: null };
  while (place) {
    const part: SweepPart = await new MockActivityEnvironment().run((from) => sweeping.sweepRetention(from), place);
    place = part.place;
    if (part.isCrowded) await pause(60_000);
  }
}

process.send?.('ready');
await once(process, 'message');
startRelay({ db: relayDb, send, now, log: pino({ level: 'silent' }), rate: RATE, rateDuringImport: RATE });
const swept = sweep();
for (;;) await Promise.all([swept, reconciling.reconcile()]);
