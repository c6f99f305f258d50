import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { Client } from 'pg';
import { from } from 'pg-copy-streams';
import { connect, type Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { acquisitionMoments, suppressedTokens } from '../db/import-batches.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { findLeadsByToken, type AcquisitionRows } from '../db/leads.ts';
import { Vault } from '../db/vault.ts';
import type { Acquisition } from '../intake/acquisition.ts';
import { AcquisitionPlan } from '../intake/acquisition-plan.ts';
import { sealTexts } from '../intake/sealing.ts';
import { SOURCE } from './import-store.ts';

/** In the order in which they refer to each other. */
const TABLES = ['import', 'lead', 'keyring.subject_key', 'acquisition', 'personal_data', 'outbox', 'import_refusal'];

/** Writes every row of an import's tables into files that PostgreSQL can read back. */
export async function exportRows(url: string, folder: string): Promise<void> {
  await eachTable(url, (table) => `copy ${table} to '${join(folder, table)}.csv' csv`);
}

/** The least that storing these rows can cost: PostgreSQL reads them, finished, from its own disk into the same tables. */
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
 * The import that anybody would write first: csv-parse, the library's normaliser, the same look-ups, plan and sealing as the
 * product's, then COPY as text, line by line; one step after the other.
 */
export async function importTheObviousWay(url: string, keyFolder: string, path: string): Promise<void> {
  const vault = new Vault(await readKeyFiles(keyFolder));
  const client = new Client({ connectionString: url });
  await client.connect();
  const db = connect(url, { max: 1 });
  const importId = newId();
  const receivedAt = new Date();
  await client.query(
    `insert into import (id, source_id, format, parameters, state, sha256, size_bytes, received_at) values ($1, $2, 'csv', '{}', 'running', '', 0, $3)`,
    [importId, SOURCE.id, receivedAt],
  );
  let row = 1;
  let [acquisitions, refused]: [Acquisition[], number[]] = [[], []];
  const flush = async () => {
    const rows = await planObviously(db, vault, importId, acquisitions);
    await writeObviously(client, importId, rows, refused);
    [acquisitions, refused] = [[], []];
  };
  for await (const record of createReadStream(path).pipe(parse({ columns: true })) as AsyncIterable<LeadRecord>) {
    row += 1;
    const acquisition = acquisitionOf(record, receivedAt);
    if (acquisition) acquisitions.push(acquisition);
    else refused.push(row);
    if (acquisitions.length + refused.length === BATCH) await flush();
  }
  await flush();
  await Promise.all([client.end(), db.destroy()]);
}

type LeadRecord = Record<'Phone' | 'Name' | 'E-mail' | 'Signed up' | 'Campaign', string>;

function acquisitionOf(record: LeadRecord, receivedAt: Date): Acquisition | null {
  const phone = parsePhoneNumberFromString(record.Phone, { defaultCountry: 'US', extract: false });
  if (!phone?.isValid()) return null;
  return {
    phone: phone.format('E.164'),
    country: phone.country ?? '',
    source: SOURCE,
    acquiredAt: new Date(record['Signed up']),
    receivedAt,
    method: 'import',
    campaign: record.Campaign,
    subject: { name: record.Name, email: record['E-mail'] },
    attributes: {},
    reference: null,
    consents: [],
  };
}

async function planObviously(
  db: Db, vault: Vault, importId: string, acquisitions: readonly Acquisition[],
): Promise<AcquisitionRows> {
  const tokens = vault.phoneTokens(acquisitions.map(({ phone }) => phone));
  await suppressedTokens(db, tokens);
  const known = await findLeadsByToken(db, vault, [...tokens]);
  const moments = await acquisitionMoments(db, known.map(({ id }) => id), SOURCE.id);
  const seen = new Set(known.flatMap(({ id, phone }) => [...moments.get(id) ?? []].map((moment) => `${phone} ${moment}`)));
  const plan = new AcquisitionPlan(known, new Map(), { lane: 1, importId });
  acquisitions.forEach((acquisition, index) => {
    const key = `${acquisition.phone} ${acquisition.acquiredAt.getTime()}`;
    if (!seen.has(key)) plan.add(acquisition, tokens[index] as bigint);
    seen.add(key);
  });
  return { ...plan.facts, ...sealTexts(vault, plan.takeTexts()) };
}

async function writeObviously(
  client: Client, importId: string, rows: AcquisitionRows, refused: readonly number[],
): Promise<void> {
  await client.query('begin');
  await copyText(client, 'lead', rows.leads);
  await copyText(client, 'keyring.subject_key', rows.subjectKeys);
  await copyText(client, 'acquisition', rows.acquisitions);
  await copyText(client, 'personal_data', rows.personalData);
  await copyText(client, 'outbox', rows.outbox);
  const refusals = refused.map((row) => ({ import_id: importId, row, code: 'invalid_phone', column: 'Phone', detail: '' }));
  await copyText(client, 'import_refusal', refusals);
  await client.query('commit');
}

async function copyText(client: Client, table: string, rows: readonly object[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).map((column) => `"${column}"`).join(', ');
  const lines = rows.map((row) => `${Object.values(row as Record<string, never>).map(asText).join('\t')}\n`);
  await pipeline(Readable.from(lines), client.query(from(`copy ${table} (${columns}) from stdin`)));
}

function asText(value: Date | Buffer | string[] | string | number | bigint | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  if (Array.isArray(value)) return `{${value.join(',')}}`;
  return String(value).replace(/[\\\t\n\r]/g, (sign) => `\\${sign}`);
}
