import { readdir } from 'node:fs/promises';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';

/** An archive that can be made to fail, as one does that is away. */
export class FailingArchive implements ArchiveStore {
  isDown = false;
  readonly #inner: ArchiveStore;

  constructor(inner: ArchiveStore) {
    this.#inner = inner;
  }

  async put(object: string, bytes: Uint8Array): Promise<void> {
    this.#answer();
    await this.#inner.put(object, bytes);
  }

  async get(object: string): Promise<Buffer | null> {
    this.#answer();
    return this.#inner.get(object);
  }

  async remove(object: string): Promise<void> {
    this.#answer();
    await this.#inner.remove(object);
  }

  #answer(): void {
    if (this.isDown) throw new Error('the archive is away');
  }
}

/** The names of what lies in the folder of an archive. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder, { recursive: true }).catch(() => []);
}
