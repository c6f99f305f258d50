import { createHash } from 'node:crypto';
import type { Db } from '../db/connection.ts';
import { findLeadsByToken } from '../db/leads.ts';
import { suppressedTokensFrom } from '../db/suppression-exports.ts';
import type { Vault } from '../db/vault.ts';

const AT_ONCE = 1_000;
const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * The suppressed numbers as SHA-256 of salt and E.164 number, in hexadecimal, one a line. Only of numbers that are leads still:
 * of all others a pseudonym is kept that nobody can turn back. Their order says nothing.
 */
export async function* suppressionDigests(db: Db, vault: Vault, salt: string): AsyncGenerator<string> {
  for (let from = LOWEST; ;) {
    const tokens = await suppressedTokensFrom(db, from, AT_ONCE);
    const last = tokens.at(-1);
    if (last === undefined) return;
    const leads = await findLeadsByToken(db, vault, tokens);
    const lines = leads.flatMap(({ phone }) => (phone === null ? [] : [`${digestOf(salt, phone)}\n`]));
    if (lines.length > 0) yield lines.join('');
    if (last === HIGHEST) return;
    from = last + 1n;
  }
}

function digestOf(salt: string, e164: string): string {
  return createHash('sha256').update(salt).update(e164).digest('hex');
}
