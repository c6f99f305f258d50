import { Readable } from 'node:stream';
import { createPool } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { insertImport, type Import } from '../../db/imports.ts';
import { importFile } from '../../intake/import/import-file.ts';
import { storeUpload } from '../../intake/import/upload.ts';
import { SOURCE, type RunningApi } from './running-api.ts';

/** Imports a CSV file of leads as the worker does. */
export async function importLeads(api: RunningApi, csv: string, mapping: Record<string, string>): Promise<Import> {
  const { db, vault, uploadFolder } = api.context;
  const id = newId();
  const stored = await storeUpload({ folder: uploadFolder, vault }, id, Readable.from([Buffer.from(csv)]));
  const parameters = { mapping } as Parameters<typeof insertImport>[1]['parameters'];
  await db.transaction().execute((tx) => insertImport(tx, { id, sourceId: SOURCE.id, format: 'csv', parameters, receivedAt: new Date(), ...stored }));
  const pool = createPool(api.databaseUrl, { max: 1 });
  const done = await importFile({ db, pool, vault, uploadFolder, now: () => new Date() }, id).finally(() => pool.end());
  if (done.state !== 'completed' || done.rows.refused > 0) throw new Error('the file was not imported');
  return done;
}
