import { createHash } from 'node:crypto';
import type { SealedRow } from '../../db/archive.ts';
import { openBundle, sealBundle } from '../../db/vault.ts';

/** A row as it lies in a bundle: its sealed bytes in base64, the pseudonym of an address in decimal. */
type BundledRow = [factId: string, tier: 1 | 2, sealed: string, emailToken: string | null];

/**
 * The bundle of a lead: all its personal data as it is stored, row by row, in one authenticated envelope under the lead's own
 * data key. What was sealed is sealed twice, so that nobody can take rows out, put any in, or give them to another lead.
 */
export function bundleOf(key: Uint8Array, leadId: string, rows: readonly SealedRow[]): Buffer {
  const bundled = rows.map(({ factId, tier, sealed, emailToken }): BundledRow => {
    return [factId, tier, sealed.toString('base64'), emailToken === null ? null : String(emailToken)];
  });
  return sealBundle(key, leadId, Buffer.from(JSON.stringify(bundled)));
}

/** The rows that a bundle holds. Throws when it was altered, is another lead's, or the key is another. */
export function rowsOf(key: Uint8Array, leadId: string, bundle: Buffer): SealedRow[] {
  const bundled = JSON.parse(openBundle(key, leadId, bundle).toString()) as BundledRow[];
  return bundled.map(([factId, tier, sealed, emailToken]) => {
    return { factId, tier, sealed: Buffer.from(sealed, 'base64'), emailToken: emailToken === null ? null : BigInt(emailToken) };
  });
}

/** The digest of all rows of a lead, in the order of facts and tiers, as `digestsOfRows` reckons it. */
export function digestOfRows(rows: readonly SealedRow[]): Buffer {
  const whole = createHash('sha256');
  for (const { sealed } of rows) whole.update(sha256Of(sealed));
  return whole.digest();
}

export function sha256Of(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
