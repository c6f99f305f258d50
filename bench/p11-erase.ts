import { sql } from 'kysely';
import { connect, type Db } from '../db/connection.ts';
import { eraseLeads } from '../db/erasure.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { Vault } from '../db/vault.ts';
import { insertContact } from '../db/contacts.ts';
import { acquireLead } from '../intake/acquire.ts';
import type { Comparison, Race } from './harness.ts';
import { openImportStore, SOURCE } from './import-store.ts';

const LEADS = 5_000;
/** As many as the worker disposes of together. */
const TOGETHER = 64;

/**
 * What disposal destroys of a lead, batch by batch with a commit each, against one statement for each table that deletes the same
 * rows.
 */
export const p11Erase = {
  id: 'P11E',
  title: `erasure of ${LEADS} leads in batches of ${TOGETHER} against one DELETE of the same rows for each table`,
  ratio: 'speed',
  target: { atLeast: 0.5 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const vault = new Vault(await readKeyFiles(store.keyFolder));
  const full = connect(await store.freshDatabase(), { max: 1, statementTimeout: 0 });
  const ids = await fill(full, vault);
  await full.destroy();
  await store.keepDatabase();
  let db: Db | undefined;
  const open = (): Db => {
    if (!db) throw new Error('the store is not open');
    return db;
  };
  return {
    async subject() {
      for (let from = 0; from < ids.length; from += TOGETHER) {
        await open().transaction().execute((tx) => eraseLeads(tx, ids.slice(from, from + TOGETHER), new Date()));
      }
    },
    yardstick: () => deleteAll(open(), ids),
    async reset() {
      await db?.destroy();
      db = connect(await store.freshDatabase(), { max: 4, statementTimeout: 0 });
      await sql`analyze`.execute(db);
    },
    async checks() {
      const { rows: [left] } = await sql<{ count: bigint }>`select count(*) from keyring.subject_key`.execute(open());
      return [{ name: 'keys left', value: Number(left?.count ?? 1n), target: { atMost: 0 } }];
    },
    async close() {
      await db?.destroy();
      await store.close();
    },
  };
}

/** Leads with a name, an address and evidence, a contact each, and every tenth suppressed. */
async function fill(db: Db, vault: Vault): Promise<string[]> {
  const ids: string[] = [];
  const at = new Date('2026-01-01T00:00:00Z');
  for (let from = 0; from < LEADS; from += 500) {
    await db.transaction().execute(async (tx) => {
      for (let nth = from; nth < from + 500; nth += 1) {
        const phone = `+1202${String(2_000_000 + nth)}`;
        const consent = { channel: 'call', purpose: 'marketing', obtainedAt: at, expiresAt: null, evidence: { statement: 'I agree' } } as const;
        const { leadId } = await acquireLead(tx, vault, {
          phone, country: 'US', source: SOURCE, acquiredAt: at, receivedAt: at, method: 'form', campaign: null, attributes: {}, reference: null,
          subject: { name: 'Ada Lovelace', email: `ada${nth}@example.com` }, consents: [consent],
        });
        await insertContact(tx, {
          leadId, clearanceId: null, channel: 'call', purpose: 'marketing', campaign: null, seller: null, outcome: 'no_answer', startedAt: at, endedAt: at,
          durationSeconds: null, callerId: null, agent: null, reference: `call-${nth}`,
        }, at);
        ids.push(leadId);
      }
    });
  }
  return ids;
}

/** The same rows, gone with as few statements as there can be; facts that refer to a lead go before it. */
async function deleteAll(db: Db, ids: readonly string[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const table of ['keyring.subject_key', 'personal_data', 'contact', 'consent_event', 'acquisition']) {
      await sql`delete from ${sql.table(table)} where lead_id = any(${ids}::uuid[])`.execute(tx);
    }
    await sql`delete from lead where id = any(${ids}::uuid[])`.execute(tx);
  });
}
