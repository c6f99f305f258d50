import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { FolderStore } from './folder-store.ts';
import { S3Store, type S3Settings } from './s3-store.ts';

/** Where bundles of archived leads go. */
export type ArchiveSettings = { folder: string } | S3Settings;

/** The store that the settings name. Nothing is asked of it yet. */
export function createArchiveStore(settings: ArchiveSettings): ArchiveStore {
  return 'folder' in settings ? new FolderStore(settings.folder) : new S3Store(settings);
}
