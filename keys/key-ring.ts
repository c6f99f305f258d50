import { randomUUID } from 'node:crypto';
import type { Db } from '../db/connection.ts';
import { isOurs, WrongKeys } from '../db/key-check.ts';
import { announceReader, dismissReader, type KeyReader } from '../db/key-epochs.ts';
import { fingerprint, type Vault } from '../db/vault.ts';
import { addNextKey, readKeks } from './key-files.ts';
import type { KeyStore } from './key-store.ts';

export interface KeyRingOptions {
  db: Db;
  vault: Vault;
  folder: string;
  store: KeyStore;
  /** What this process is, for those who look who has not read a new key yet. */
  process: string;
  log: { warn(message: string): void };
  /** How often the folder is looked at, in milliseconds. */
  everyMs: number;
}

/** A process that has not announced itself for so many rounds is taken for dead. */
const ROUNDS_MISSED = 4;

/**
 * Keeps a process in step with the key-encryption keys: reads those that are added to the folder, says which it can unwrap with,
 * and wraps with the one in use. See docs/keys.md for the order in which that is safe.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #id = randomUUID();
  #retired: number[] = [];
  #underWay: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  /** Reads what is new, announces it, and takes what is in use. Throws WrongKeys when the folder does not hold that. */
  refresh(): Promise<void> {
    this.#underWay ??= this.#refresh().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Refreshes from now on by itself, and whenever a key turns up that is wrapped under a number it does not know. */
  start(): void {
    const { vault, log, everyMs } = this.#options;
    const again = () => {
      if (this.#stopped) return;
      this.refresh().catch((error: unknown) => log.warn(wordsOf(error))).finally(() => {
        if (!this.#stopped) this.#timer = setTimeout(again, everyMs);
      });
    };
    vault.onUnknownKek = () => void this.refresh().catch(() => undefined);
    this.#timer = setTimeout(again, everyMs);
  }

  /** Adds the next key-encryption key to the folder; it is not in use yet. */
  addKek(): Promise<number> {
    return addNextKey(this.#options.folder, 'kek', this.#options.store);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#underWay?.catch(() => undefined);
    await dismissReader(this.#options.db, this.#id).catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    const { db, vault, folder, store, log } = this.#options;
    const added = await readKeks(folder, store, [...vault.keks, ...this.#retired]);
    for (const [number, key] of added) {
      if (await isOurs(db, `kek-${number}`, fingerprint(key))) continue;
      added.delete(number);
      log.warn(`The key "kek-${number}" in the folder is not the one this database knows by that name; it is left aside.`);
    }
    vault.adopt(added);
    const { inUse, retired } = await announceReader(db, this.#reader());
    if (inUse !== vault.wrapsWith) {
      if (!vault.keks.includes(inUse)) throw new WrongKeys(`The key "kek-${inUse}" is in use and not in the key folder. Put it there; nothing was changed.`);
      vault.wrapWith(inUse);
      await announceReader(db, this.#reader());
    }
    for (const number of retired) vault.forget(number);
    this.#retired = retired;
  }

  #reader(): KeyReader {
    const { vault, process, everyMs } = this.#options;
    return { id: this.#id, process, keks: vault.keks, wrapsWith: vault.wrapsWith, goodForMs: everyMs * ROUNDS_MISSED };
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Error && (error.name === 'WrongKeys' || error.name === 'KeyStoreAway')) return error.message;
  return 'The key-encryption keys could not be looked at; this process goes on with those that it has.';
}
