import { insertChecks, type NewCertificateCheck } from '../db/certificate-checks.ts';
import type { Tx } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { recogniseCertificate } from '../domain/certificate.ts';
import type { ConsentEvidence } from '../domain/consent.ts';

interface Evidenced {
  consentId: string;
  leadId: string;
  evidence: ConsentEvidence | null | undefined;
}

/** The checks that some consents ask for by themselves: one for each whose evidence names a certificate that is known here. */
export function newChecks(consents: readonly Evidenced[], by: string, at: Date): NewCertificateCheck[] {
  return consents.flatMap(({ consentId, leadId, evidence }) => {
    const certificate = recogniseCertificate(evidence?.certificate);
    if (!certificate) return [];
    const { provider } = certificate;
    return { id: newId(), consent_id: consentId, lead_id: leadId, provider, requested_at: at, requested_by: by };
  });
}

/** Puts a check on the books where a consent names a certificate, with the outbox row for its workflow. */
export async function checkCertificate(tx: Tx, consent: Evidenced, by: string, at: Date): Promise<void> {
  await insertChecks(tx, newChecks([consent], by, at), 0);
}
