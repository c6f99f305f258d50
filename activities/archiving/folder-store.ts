import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { Flushes } from '../../gate/flushes.ts';

interface Put {
  object: string;
  bytes: Uint8Array;
}

/** What is put at the same time shares the wait for the entries of its folders to be on disk. */
const MOST = { size: 256, underWay: 2 };

/** An archive in a folder of this machine, which its owner alone may enter. */
export class FolderStore implements ArchiveStore {
  readonly #folder: string;
  readonly #made = new Set<string>();
  readonly #puts: Flushes<Put, void>;

  constructor(folder: string) {
    this.#folder = folder;
    this.#puts = new Flushes((puts) => this.#putAll(puts), MOST);
  }

  put(object: string, bytes: Uint8Array): Promise<void> {
    return this.#puts.add({ object, bytes });
  }

  async get(object: string): Promise<Buffer | null> {
    return readFile(this.#pathOf(object)).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
  }

  async remove(object: string): Promise<void> {
    const path = this.#pathOf(object);
    await rm(halfWritten(path), { force: true });
    await rm(path, { force: true });
    await sync(dirname(path)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  /** Whole files only, each under its name at once; durable when the folders are, too. */
  async #putAll(puts: readonly Put[]): Promise<PromiseSettledResult<void>[]> {
    const written = await Promise.allSettled(puts.map((put) => this.#write(put)));
    const folders = new Set(puts.map(({ object }) => dirname(this.#pathOf(object))));
    const synced = new Map<string, unknown>();
    await Promise.all([...folders].map((folder) => sync(folder).catch((error: unknown) => synced.set(folder, error))));
    return written.map((result, nth) => {
      const folder = dirname(this.#pathOf(puts[nth]?.object ?? ''));
      return result.status === 'fulfilled' && synced.has(folder) ? { status: 'rejected', reason: synced.get(folder) } : result;
    });
  }

  async #write({ object, bytes }: Put): Promise<void> {
    const path = this.#pathOf(object);
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
