import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { Flushes } from '../../db/flushes.ts';

/** An object that is put, or removed where there are no bytes. */
interface Change {
  object: string;
  bytes: Uint8Array | null;
}

/** What is put or removed at the same time shares the wait for the entries of its folders to be on disk. */
const MOST = { size: 256, underWay: 2 };

/** An archive in a folder of this machine, which its owner alone may enter. */
export class FolderStore implements ArchiveStore {
  readonly #folder: string;
  readonly #made = new Set<string>();
  readonly #changes: Flushes<Change, void>;

  constructor(folder: string) {
    this.#folder = folder;
    this.#changes = new Flushes((changes) => this.#changeAll(changes), MOST);
  }

  put(object: string, bytes: Uint8Array): Promise<void> {
    return this.#changes.add({ object, bytes });
  }

  async get(object: string): Promise<Buffer | null> {
    return readFile(this.#pathOf(object)).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
  }

  remove(object: string): Promise<void> {
    return this.#changes.add({ object, bytes: null });
  }

  /** Durable when the folders are, too; one that is not there has nothing in it. */
  async #changeAll(changes: readonly Change[]): Promise<PromiseSettledResult<void>[]> {
    const changed = await Promise.allSettled(changes.map((change) => this.#change(change)));
    const synced = new Map<string, Promise<void>>();
    return Promise.allSettled(changes.map(async ({ object, bytes }, nth) => {
      if (changed[nth]?.status === 'rejected') throw changed[nth].reason;
      const folder = dirname(this.#pathOf(object));
      const syncing = synced.get(folder) ?? sync(folder);
      synced.set(folder, syncing);
      await syncing.catch((error: unknown) => {
        if (bytes !== null || !isMissing(error)) throw error;
      });
    }));
  }

  async #change({ object, bytes }: Change): Promise<void> {
    const path = this.#pathOf(object);
    if (bytes !== null) return this.#write(path, bytes);
    await Promise.all([rm(halfWritten(path), { force: true }), rm(path, { force: true })]);
  }

  /** A whole file, under its name at once. */
  async #write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#makeFolder(dirname(path));
    const file = await open(halfWritten(path), 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(halfWritten(path), path);
  }

  /** A new folder lasts when the folders above it have been written. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let above = folder; first !== undefined && above.length >= first.length; above = dirname(above)) {
      await sync(dirname(above));
    }
    this.#made.add(folder);
  }

  #pathOf(object: string): string {
    return join(this.#folder, object);
  }
}

function halfWritten(path: string): string {
  return `${path}.half`;
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
