import { Readable } from 'node:stream';
import { insertConsentImport, listConsentRefusals, type ConsentImport } from '../../../db/consent-imports.ts';
import { consentLedgers } from '../../../db/consents.ts';
import { newId } from '../../../db/ids.ts';
import { CHANNELS, PURPOSES, type ConsentEvent } from '../../../domain/consent.ts';
import { foldConsent } from '../../../domain/consent-ledger.ts';
import { storeUpload } from '../../../intake/import/upload.ts';
import type { ConsentReading } from '../../../intake/moving/consent-columns.ts';
import { exportConsents, type ExportedConsent } from '../../../intake/moving/consent-export.ts';
import { importConsents, type ConsentWork } from '../../../intake/moving/consent-file.ts';

type Store = Pick<ConsentWork, 'db' | 'vault' | 'uploadFolder'>;

interface Sending extends Partial<Pick<ConsentWork, 'signal' | 'onProgress'>> {
  format?: 'csv' | 'ndjson';
  reading?: ConsentReading;
}

/** Puts a file on the books and answers its id. */
export async function receive({ db, vault, uploadFolder: folder }: Store, text: string, { format = 'csv', reading = {} }: Sending = {}): Promise<string> {
  const id = newId();
  const stored = await storeUpload({ folder, vault }, id, Readable.from([Buffer.from(text)]));
  const file = { id, format, parameters: reading, ...stored, receivedAt: new Date(), receivedBy: 'key:test' };
  await db.transaction().execute((tx) => insertConsentImport(tx, file));
  return id;
}

/** Imports a file to its end. */
export async function bringIn(store: Store, text: string, sending: Sending = {}): Promise<ConsentImport> {
  const id = await receive(store, text, sending);
  return importConsents({ ...store, now: () => new Date(), ...sending }, id);
}

export async function refusalsOf({ db }: Store, importId: string): Promise<string[]> {
  return (await listConsentRefusals(db, importId, 0n, 1_000)).map(({ row, code, column }) => `${row} ${code} ${column}`.trim());
}

/** Rows as a CSV file, with the names of their fields as its header. */
export function csvOf(rows: readonly Partial<Record<string, string>>[]): string {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return [header, ...rows.map((row) => header.map((name) => row[name] ?? ''))].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/** Everything that leaves a store. */
export async function takeOut({ db, vault }: Store): Promise<ExportedConsent[]> {
  const exported: ExportedConsent[] = [];
  for await (const events of exportConsents({ db, vault, actor: 'key:test', reason: 'move', now: () => new Date() })) exported.push(...events);
  return exported;
}

/** How a lead stands on every channel and purpose, at each of some moments. */
export async function statesOf({ db }: Store, leadId: string, moments: readonly Date[]): Promise<string[]> {
  const ledger: ConsentEvent[] = (await consentLedgers(db, [leadId])).get(leadId) ?? [];
  return moments.flatMap((at) => CHANNELS.flatMap((channel) => PURPOSES.map((purpose) => {
    const { state, grants } = foldConsent(ledger, channel, purpose, at);
    return `${at.toISOString()} ${channel} ${purpose} ${state} ${[...new Set(grants.map(({ grade }) => grade))].sort().join()}`;
  })));
}
