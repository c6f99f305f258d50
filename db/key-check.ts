import type { Db } from './connection.ts';
import type { Vault } from './vault.ts';

/** The key files are not those of this database. Waiting does not cure it. */
export class WrongKeys extends Error {
  override readonly name = 'WrongKeys';
}

/**
 * Makes sure that these are the keys this store was written with: remembers them on first use, and throws WrongKeys, by
 * key name, when one differs. Going on with other keys would make every known number look new and every sealed record unreadable.
 */
export async function checkKeys(db: Db, vault: Vault): Promise<void> {
  for (const [name, fingerprint] of vault.fingerprints()) {
    if (await isOurs(db, name, fingerprint)) continue;
    throw new WrongKeys(`The key "${name}" is not the one this database was written with. Put the original key file back; nothing was changed.`);
  }
}

/** Whether a key is the one that this store knows by that name; a name that is new to it is remembered. */
export async function isOurs(db: Db, name: string, fingerprint: Buffer): Promise<boolean> {
  await db.insertInto('keyring.key_check').values({ name, fingerprint }).onConflict((conflict) => conflict.doNothing()).execute();
  const known = await db.selectFrom('keyring.key_check').select('fingerprint').where('name', '=', name).executeTakeFirstOrThrow();
  return known.fingerprint.equals(fingerprint);
}
