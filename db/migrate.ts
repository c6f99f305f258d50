import { Migrator } from 'kysely/migration';
import { createClearancePartitions } from './clearance-partitions.ts';
import { connect, type Db } from './connection.ts';
import * as house from './migrations/0001-house.ts';
import * as importsAndKeys from './migrations/0002-imports-and-keys.ts';
import * as gate from './migrations/0003-gate.ts';
import * as leanerClearances from './migrations/0004-leaner-clearances.ts';
import * as doNotCallLists from './migrations/0005-do-not-call-lists.ts';
import * as ownLists from './migrations/0006-own-lists.ts';
import * as listWatch from './migrations/0007-list-watch.ts';
import * as subjectRequests from './migrations/0008-subject-requests.ts';
import * as webhookSources from './migrations/0009-webhook-sources.ts';
import * as confirmations from './migrations/0010-confirmations.ts';
import * as webhookEndpoints from './migrations/0011-webhook-endpoints.ts';
import * as consentCertificates from './migrations/0012-consent-certificates.ts';
import * as endings from './migrations/0013-endings.ts';
import * as archive from './migrations/0014-archive.ts';
import * as disposals from './migrations/0015-disposals.ts';
import * as retention from './migrations/0016-retention.ts';
import * as keyring from './migrations/0017-keyring.ts';
import * as journal from './migrations/0018-journal.ts';
import * as subjectRequestLives from './migrations/0019-subject-request-lives.ts';
import * as waitingStatements from './migrations/0020-waiting-statements.ts';
import * as reassignedChecks from './migrations/0021-reassigned-checks.ts';
import * as portings from './migrations/0022-portings.ts';
import * as endedByHand from './migrations/0023-ended-by-hand.ts';
import * as makersOfKeys from './migrations/0024-makers-of-keys.ts';

const MIGRATIONS = {
  '0001-house': house,
  '0002-imports-and-keys': importsAndKeys,
  '0003-gate': gate,
  '0004-leaner-clearances': leanerClearances,
  '0005-do-not-call-lists': doNotCallLists,
  '0006-own-lists': ownLists,
  '0007-list-watch': listWatch,
  '0008-subject-requests': subjectRequests,
  '0009-webhook-sources': webhookSources,
  '0010-confirmations': confirmations,
  '0011-webhook-endpoints': webhookEndpoints,
  '0012-consent-certificates': consentCertificates,
  '0013-endings': endings,
  '0014-archive': archive,
  '0015-disposals': disposals,
  '0016-retention': retention,
  '0017-keyring': keyring,
  '0018-journal': journal,
  '0019-subject-request-lives': subjectRequestLives,
  '0020-waiting-statements': waitingStatements,
  '0021-reassigned-checks': reassignedChecks,
  '0022-portings': portings,
  '0023-ended-by-hand': endedByHand,
  '0024-makers-of-keys': makersOfKeys,
};

/** Brings a database up to date and answers the names of the migrations applied. Two at once are serialised by a lock. */
export async function migrateToLatest(databaseUrl: string): Promise<string[]> {
  const db = connect(databaseUrl, { max: 2, statementTimeout: 0 });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
    const { error, results } = await migrator.migrateToLatest();
    if (error) throw error instanceof Error ? error : new Error('a migration failed');
    await createClearancePartitions(db);
    return (results ?? []).map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

/**
 * Brings a database to a migration, or to the latest, within the transaction that it is handed; answers the name of the last.
 * Fails when that name is not known here: it was made by a later version.
 */
export async function migrateWithin(tx: Db, target?: string): Promise<string> {
  if (target !== undefined && !(target in MIGRATIONS)) throw new Error(`the migration ${target} is not known to this version`);
  const provider = { getMigrations: () => Promise.resolve(MIGRATIONS) };
  const migrator = new Migrator({ db: tx, provider, disableTransactions: true });
  const { error } = await (target === undefined ? migrator.migrateToLatest() : migrator.migrateTo(target));
  if (error) throw error instanceof Error ? error : new Error('a migration failed');
  return target ?? (Object.keys(MIGRATIONS).at(-1) as string);
}
