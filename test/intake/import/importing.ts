import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createPool } from '../../../db/connection.ts';
import { newId } from '../../../db/ids.ts';
import { insertImport, type Import } from '../../../db/imports.ts';
import { findLeadsByToken } from '../../../db/leads.ts';
import type { Vault } from '../../../db/vault.ts';
import { importFile, type ImportWork } from '../../../intake/import/import-file.ts';
import type { ImportFormat, ImportParameters } from '../../../intake/import/parameters.ts';
import { storeUpload } from '../../../intake/import/upload.ts';
import { SOURCE, type House } from '../../setup/house.ts';
import { runFolder } from '../../setup/suite.ts';

export const MAPPING = { phone: 'Phone', acquiredAt: 'Signed up' } as const;
export const HEADER = 'Phone,Signed up';
export const AT = '2026-01-01T00:00:00.000Z';

/** The number of a row, so that two rows of one index are one person. */
export const phoneOf = (index: number): string => `+1${String(2_013_000_000 + index)}`;

export interface Importing {
  uploadFolder: string;
  /** Stores a file and puts it on the books, as the API does. */
  receive(content: string, parameters?: ImportParameters, format?: ImportFormat): Promise<string>;
  /** Imports it; `changes` to the work, such as a signal. */
  run(importId: string, changes?: Partial<ImportWork>): Promise<Import>;
  /** Both. */
  send(content: string, parameters?: ImportParameters, format?: ImportFormat): Promise<Import>;
}

export function importInto(house: House): Importing {
  const uploadFolder = join(runFolder(), `uploads-${randomUUID()}`);
  const receive: Importing['receive'] = async (content, parameters = { mapping: MAPPING }, format = 'csv') => {
    const id = newId();
    const stored = await storeUpload({ folder: uploadFolder, vault: house.vault }, id, Readable.from([Buffer.from(content)]));
    const file = { id, sourceId: SOURCE.id, format, parameters, ...stored, receivedAt: new Date() };
    await house.db.transaction().execute((tx) => insertImport(tx, file));
    return id;
  };
  const run: Importing['run'] = async (importId, changes = {}) => {
    const pool = createPool(house.url, { max: 1 });
    const work = { db: house.db, pool, vault: house.vault, uploadFolder, now: () => new Date(), ...changes };
    return importFile(work, importId).finally(() => pool.end());
  };
  return { uploadFolder, receive, run, send: async (...file) => run(await receive(...file)) };
}

/** What is on the books about every number, opened: its jurisdictions, when it was acquired and from which campaigns. */
export async function books(house: House, vault: Vault = house.vault) {
  const tokens = await house.db.selectFrom('lead').select('token').distinct().execute();
  const leads = await findLeadsByToken(house.db, vault, tokens.flatMap(({ token }) => token ?? []));
  const acquisitions = await house.db.selectFrom('acquisition').selectAll().execute();
  const messages = await house.db.selectFrom('outbox').selectAll().where('workflow', '=', 'lead').execute();
  const ofLead = Map.groupBy(acquisitions, (acquisition) => acquisition.lead_id);
  const told = new Set(messages.map(({ subject, fact_id }) => `${subject} ${fact_id}`));
  return leads
    .map((lead) => ({
      phone: lead.phone ?? '',
      jurisdictions: lead.jurisdictions.toSorted(),
      acquired: (ofLead.get(lead.id) ?? []).map(({ acquired_at, campaign }) => `${acquired_at.toISOString()} ${campaign ?? ''}`).sort(),
      untold: (ofLead.get(lead.id) ?? []).filter(({ id }) => !told.has(`${lead.id} ${id}`)).length,
    }))
    .sort((a, b) => (a.phone < b.phone ? -1 : 1));
}
