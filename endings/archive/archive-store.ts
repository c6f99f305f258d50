/** Where bundles of archived leads lie: an object store, or a folder. What it is given is sealed already. */
export interface ArchiveStore {
  /** Resolves when the object would survive a failure; one of the same name is replaced. */
  put(object: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is none of that name. */
  get(object: string): Promise<Buffer | null>;
  /** Resolves when no version of it is left, also when there was none. */
  remove(object: string): Promise<void>;
}
