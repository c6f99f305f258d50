import type { AcquisitionRows } from '../db/leads.ts';
import { seal, type Vault } from '../db/vault.ts';

/** One record about a person, as it is before it is sealed. */
export interface PersonalText {
  leadId: string;
  /** The lead's data key, plain. */
  key: Uint8Array;
  /** Whether the key is new and has to be stored as well. */
  isKeyNew: boolean;
  factId: string;
  tier: 1 | 2;
  text: string;
  /** The address by which the record can be found. */
  email: string | null;
}

export type SealedRows = Pick<AcquisitionRows, 'subjectKeys' | 'personalData'>;

/** The rows that records about people become. Most of what an acquisition costs is spent here. */
export function sealTexts(vault: Vault, texts: readonly PersonalText[]): SealedRows {
  const rows: SealedRows = { subjectKeys: [], personalData: [] };
  for (const { leadId, key, isKeyNew, factId, tier, text, email } of texts) {
    if (isKeyNew) rows.subjectKeys.push({ lead_id: leadId, ...vault.wrapKey(leadId, key) });
    const emailToken = email === null ? null : vault.emailToken(email);
    const sealed = seal(key, { leadId, factId, tier }, text);
    rows.personalData.push({ lead_id: leadId, fact_id: factId, tier, sealed, email_token: emailToken });
  }
  return rows;
}
