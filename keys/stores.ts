import { fileStore } from './file-store.ts';
import type { KeyStore } from './key-store.ts';
import { kmsStore, type KmsSettings } from './kms-store.ts';
import { transitStore, type TransitSettings } from './transit-store.ts';

/** Where the keys are protected. */
export type KeyStoreSettings = { kind: 'file' } | ({ kind: 'transit' } & TransitSettings) | ({ kind: 'aws-kms' } & KmsSettings);

/** The store that is asked for. */
export function openKeyStore(settings: KeyStoreSettings): KeyStore {
  switch (settings.kind) {
    case 'file': return fileStore;
    case 'transit': return transitStore(settings);
    case 'aws-kms': return kmsStore(settings);
  }
}
