import { WrongKeys } from '../db/key-check.ts';

/** What protects the keys in the key folder: it wraps each under a key of its own, which never leaves it. */
export interface KeyStore {
  kind: 'file' | 'transit' | 'aws-kms';
  /** What the store calls its own key. */
  key: string;
  /** A key as it may lie in the folder, bound to its name there. */
  wrap(name: string, plain: Buffer): Promise<string>;
  /** The plain key. Throws WrongKeys when it was not wrapped here under this name, KeyStoreAway when nobody answers. */
  unwrap(name: string, wrapped: string): Promise<Buffer>;
}

/** The store does not answer. Waiting may cure it. */
export class KeyStoreAway extends Error {
  override readonly name = 'KeyStoreAway';
}

/** Said by a store of a key that it does not open: altered, renamed, or wrapped elsewhere. Waiting does not cure it. */
export function notOpened(store: string, name: string): WrongKeys {
  return new WrongKeys(
    `${store} does not open "${name}": it was altered or renamed, or wrapped under another key. Put the file back as it was; nothing was changed.`,
  );
}

/** Said when a store does not let us, or has no such key. Waiting does not cure it. */
export function refused(store: string, reason: string, advice: string): WrongKeys {
  return new WrongKeys(`${store} refuses (${reason}): ${advice}.`);
}

/** What a wrapping is bound to: moved to another name, or another product, it does not open. */
export function bindingOf(name: string): { application: 'leadwarden'; name: string } {
  return { application: 'leadwarden', name };
}
