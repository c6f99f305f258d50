import type { Db } from '../db/connection.ts';
import { currentSettings, type SettingsVersion } from '../db/settings.ts';

/** The latest edition of the settings that was read; an edition never changes. */
export class SettingsShelf {
  #latest: SettingsVersion | null = null;

  /** The settings of a version that was just read, or of one that has come after it since; null when none was read. */
  async take(db: Db, version: number | null): Promise<SettingsVersion> {
    if (this.#latest === null || this.#latest.version !== version) this.#latest = await currentSettings(db);
    return this.#latest;
  }
}
