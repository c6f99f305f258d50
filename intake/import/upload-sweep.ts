import type { Db } from '../../db/connection.ts';
import { unfinishedImports } from '../../db/imports.ts';
import { idleUploads, removeUpload } from './upload.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Deletes uploads that nobody is going to read: a process was killed while it received one, before it was on the books, or
 * right after its import ended. Only what has lain untouched since `before` can be one of those. Answers how many there were.
 */
export async function sweepUploads(db: Db, folder: string, before: Date): Promise<number> {
  const idle = await idleUploads(folder, before);
  const ids = idle.filter((name) => UUID.test(name));
  const wanted = await unfinishedImports(db, ids);
  const unwanted = idle.filter((name) => !wanted.has(name));
  for (const name of unwanted) await removeUpload(folder, name);
  return unwanted.length;
}
