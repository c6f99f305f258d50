import { sql } from 'kysely';
import { DEFAULT_SETTINGS, type Settings } from '../domain/settings.ts';
import type { Db, Tx } from './connection.ts';
import { named } from './named.ts';

/** Settings, and which edition of them: 0 is what the product comes with. */
export interface SettingsVersion {
  version: number;
  settings: Settings;
}

const latest: (db: Db, values: object) => Promise<{ version: number; document: Settings }[]> =
  named('settings_latest', () => sql`select version, document from settings order by version desc limit 1`);

/** The settings in force. */
export async function currentSettings(db: Db): Promise<SettingsVersion> {
  const [row] = await latest(db, {});
  return row ? { version: row.version, settings: whole(row.document) } : { version: 0, settings: DEFAULT_SETTINGS };
}

/** Documents from before a part existed get what the product comes with. */
function whole(document: Settings): Settings {
  const confirmation = { ...DEFAULT_SETTINGS.confirmation, ...document.confirmation };
  return { ...DEFAULT_SETTINGS, ...document, confirmation };
}

/** Adds the version after another one; false when somebody else has added it already. */
export async function addSettings(tx: Tx, next: SettingsVersion, by: string, now: Date): Promise<boolean> {
  const inserted = await tx
    .insertInto('settings')
    .values({ version: next.version, document: JSON.stringify(next.settings), created_at: now, created_by: by })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .returning('version')
    .executeTakeFirst();
  return inserted !== undefined;
}

export interface SettingsRecord extends SettingsVersion {
  createdAt: Date;
  createdBy: string;
}

/** Every version that somebody made, newest first, those before a version; at most `limit`. */
export async function listSettings(db: Db, before: number | null, limit: number): Promise<SettingsRecord[]> {
  const query = db.selectFrom('settings').selectAll().orderBy('version', 'desc').limit(limit);
  const rows = await (before === null ? query : query.where('version', '<', before)).execute();
  return rows.map(({ version, document, created_at, created_by }) => {
    return { version, settings: whole(document), createdAt: created_at, createdBy: created_by };
  });
}
