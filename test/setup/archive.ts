import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';

/** An archive in a folder that can be made to fail, as a store does that is away. */
export class FailingArchive implements ArchiveStore {
  readonly folder: string;
  isDown = false;
  /** Called before an object is removed. */
  beforeRemoval: () => Promise<void> = () => Promise.resolve();

  constructor(folder: string) {
    this.folder = folder;
  }

  async put(object: string, bytes: Uint8Array): Promise<void> {
    this.#answer();
    await mkdir(dirname(join(this.folder, object)), { recursive: true });
    await writeFile(join(this.folder, object), bytes);
  }

  async get(object: string): Promise<Buffer | null> {
    this.#answer();
    return readFile(join(this.folder, object)).catch(() => null);
  }

  async remove(object: string): Promise<void> {
    this.#answer();
    await this.beforeRemoval();
    await rm(join(this.folder, object), { force: true });
  }

  async names(): Promise<string[]> {
    return readdir(this.folder, { recursive: true }).catch(() => []);
  }

  #answer(): void {
    if (this.isDown) throw new Error('the archive is away');
  }
}
