import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unfinishedReleases } from '../db/waiting-releases.ts';
import type { Db } from '../db/connection.ts';
import { removeListFile } from './list-folder.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Deletes files that no release is going to read: a process was killed while it received one, or before it was on the books.
 * Only what has lain untouched since `before` can be one of those. Answers how many there were.
 */
export async function sweepListFiles(db: Db, folder: string, before: Date): Promise<number> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const ages = await Promise.all(names.map((name) => stat(join(folder, name)).then(({ mtime }) => mtime, () => null)));
  const idle = names.filter((_, nth) => (ages[nth] ?? before) < before);
  const wanted = await unfinishedReleases(db, idle.filter((name) => UUID.test(name)));
  const unwanted = idle.filter((name) => !wanted.has(name));
  for (const name of unwanted) await removeListFile(folder, name);
  return unwanted.length;
}
