import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { Client } from 'pg';
import { ACQUISITIONS, IMPORT_REFUSALS, LEADS, OUTBOX, PERSONAL_DATA, SUBJECT_KEYS } from '../db/acquisition-copy.ts';
import { createPool } from '../db/connection.ts';
import { inCopyTransaction } from '../db/copy.ts';
import { newId } from '../db/ids.ts';
import { findLeadsByToken } from '../db/leads.ts';
import { readKeyFiles } from '../db/key-files.ts';
import { Vault } from '../db/vault.ts';
import type { Acquisition } from '../intake/acquisition.ts';
import { AcquisitionPlan } from '../intake/acquisition-plan.ts';
import { SOURCE } from './import-store.ts';

/** In the order in which they refer to each other. */
const TABLES = ['import', 'lead', 'keyring.subject_key', 'acquisition', 'personal_data', 'outbox', 'import_refusal'];

/** Writes every row of an import's tables into files that PostgreSQL can read back. */
export async function exportRows(url: string, folder: string): Promise<void> {
  await eachTable(url, (table) => `copy ${table} to '${join(folder, table)}.csv' csv`);
}

/** The least that storing these rows can cost: PostgreSQL reads them, finished, from its own disk into the same indexed tables. */
export async function copyOnServer(url: string, folder: string): Promise<void> {
  await eachTable(url, (table) => `copy ${table} from '${join(folder, table)}.csv' csv`);
}

async function eachTable(url: string, statement: (table: string) => string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const table of TABLES) await client.query(statement(table));
  await client.end();
}

const BATCH = 5_000;

/**
 * The import that anybody would write first: csv-parse, the library's normaliser, then the same plan, sealing and COPY as the
 * product's, one step after the other.
 */
export async function importTheObviousWay(url: string, keyFolder: string, path: string): Promise<number> {
  const vault = new Vault(await readKeyFiles(keyFolder));
  const pool = createPool(url, { max: 1 });
  const importId = newId();
  const receivedAt = new Date();
  await pool.query(
    `insert into import (id, source_id, format, parameters, state, sha256, size_bytes, received_at) values ($1, $2, 'csv', '{}', 'running', '', 0, $3)`,
    [importId, SOURCE.id, receivedAt],
  );
  let written = 0;
  let row = 1;
  let [acquisitions, refused]: [Acquisition[], number[]] = [[], []];
  const flush = async () => {
    written += await writeObviously(pool, vault, importId, acquisitions, refused);
    [acquisitions, refused] = [[], []];
  };
  for await (const record of createReadStream(path).pipe(parse({ columns: true })) as AsyncIterable<Record<string, string>>) {
    row += 1;
    const acquisition = acquisitionOf(record, receivedAt);
    if (acquisition) acquisitions.push(acquisition);
    else refused.push(row);
    if (acquisitions.length + refused.length === BATCH) await flush();
  }
  await flush();
  await pool.end();
  return written;
}

function acquisitionOf(record: Record<string, string>, receivedAt: Date): Acquisition | null {
  const phone = parsePhoneNumberFromString(record['Phone'] ?? '', { defaultCountry: 'US', extract: false });
  if (!phone?.isValid()) return null;
  return {
    phone: phone.format('E.164'),
    country: phone.country ?? '',
    source: SOURCE,
    acquiredAt: new Date(record['Signed up'] ?? ''),
    receivedAt,
    method: 'import',
    campaign: record['Campaign'] ?? null,
    subject: { name: record['Name'], email: record['E-mail'] },
    attributes: {},
    reference: null,
    consents: [],
  };
}

async function writeObviously(
  pool: ReturnType<typeof createPool>, vault: Vault, importId: string, acquisitions: Acquisition[], refused: number[],
): Promise<number> {
  const tokens = vault.phoneTokens(acquisitions.map(({ phone }) => phone));
  return inCopyTransaction(pool, async ({ db, copy }) => {
    const known = await findLeadsByToken(db, vault, [...tokens]);
    const plan = new AcquisitionPlan(vault, known, new Map(), { lane: 1, importId });
    const seen = new Set<string>();
    acquisitions.forEach((acquisition, index) => {
      const key = `${acquisition.phone} ${acquisition.acquiredAt.getTime()}`;
      if (!seen.has(key)) plan.add(acquisition, tokens[index] as bigint);
      seen.add(key);
    });
    const { leads, subjectKeys, acquisitions: rows, personalData, outbox } = plan.rows;
    await copy(LEADS, [leads]);
    await copy(SUBJECT_KEYS, [subjectKeys]);
    await copy(ACQUISITIONS, [rows]);
    await copy(PERSONAL_DATA, [personalData]);
    await copy(OUTBOX, [outbox]);
    await copy(IMPORT_REFUSALS, [refused.map((row) => ({ import_id: importId, row: BigInt(row), code: 'invalid_phone', column: 'Phone', detail: '' }))]);
    return rows.length;
  });
}
