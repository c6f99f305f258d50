import { readdir } from 'node:fs/promises';
import { FolderStore } from '../../activities/archiving/folder-store.ts';

/** The archive in a folder, which can be made to fail, as a store does that is away. */
export class FailingArchive extends FolderStore {
  readonly folder: string;
  isDown = false;
  /** Called before an object is removed. */
  beforeRemoval: () => Promise<void> = () => Promise.resolve();

  constructor(folder: string) {
    super(folder);
    this.folder = folder;
  }

  override async put(object: string, bytes: Uint8Array): Promise<void> {
    this.#answer();
    return super.put(object, bytes);
  }

  override async get(object: string): Promise<Buffer | null> {
    this.#answer();
    return super.get(object);
  }

  override async remove(object: string): Promise<void> {
    this.#answer();
    await this.beforeRemoval();
    return super.remove(object);
  }

  async names(): Promise<string[]> {
    return readdir(this.folder, { recursive: true }).catch(() => []);
  }

  #answer(): void {
    if (this.isDown) throw new Error('the archive is away');
  }
}
