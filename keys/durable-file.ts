import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file that is whole or not there, and on the disk when this answers; false where there is one of that name already. */
export async function writeOnce(path: string, text: string): Promise<boolean> {
  const unfinished = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    await file.writeFile(text).then(() => file.sync()).finally(() => file.close());
    await link(unfinished, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Overwrites a file in its place, on the disk, and removes it. What a file system copies by itself is beyond our reach. */
export async function destroyFile(path: string): Promise<void> {
  await chmod(path, 0o600);
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    await file.write(randomBytes(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rm(path);
  await syncFolder(dirname(path));
}

/** A name is on the disk once its folder is. Windows has no such thing and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
