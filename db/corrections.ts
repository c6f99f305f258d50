import type { Insertable } from 'kysely';
import type { Tx } from './connection.ts';
import type { CorrectionTable } from './person-schema.ts';

/**
 * Puts down that something about a person was put right. Where an address is among it, the lead is no longer found by earlier
 * ones; the record of the correction, added next, says by which it is.
 */
export async function insertCorrection(tx: Tx, correction: Insertable<CorrectionTable>): Promise<void> {
  await tx.insertInto('correction').values(correction).execute();
  if (!correction.fields.includes('email')) return;
  await tx.updateTable('personal_data').set({ email_token: null }).where('lead_id', '=', correction.lead_id).where('email_token', 'is not', null).execute();
}
