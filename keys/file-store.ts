import { WrongKeys } from '../db/key-check.ts';
import type { KeyStore } from './key-store.ts';

/** How long our keys are, in bytes. */
export const KEY_BYTES = 32;

/** No store: the folder holds the keys as they are. For development, and where the folder itself is well guarded. */
export const fileStore: KeyStore = {
  kind: 'file',
  key: '',
  wrap: (_name, plain) => Promise.resolve(plain.toString('hex')),
  unwrap(name, wrapped) {
    const plain = Buffer.from(wrapped.trim(), 'hex');
    if (plain.length === KEY_BYTES) return Promise.resolve(plain);
    return Promise.reject(new WrongKeys(`${name}.key should hold one key of ${KEY_BYTES * 2} hex digits and does not.`));
  },
};
