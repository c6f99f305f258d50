import { z } from 'zod';
import { answeredInstant, uuid } from './fields.ts';
import { signatureView } from './proof-views.ts';

const words = z.record(z.string(), z.unknown());

const head = {
  format: z.literal('leadwarden-proof/1'),
  consentId: uuid,
  person: z.object({
    digest: z.string().nullable().meta({ description: 'Commits to the phone number without telling it; null once the number is forgotten' }),
    algorithm: z.string(),
  }),
  issuedAt: answeredInstant,
  issuer: z.object({ keys: z.string() }),
  signature: signatureView,
};

const header = z.object({ schema_version: z.string(), record_id: uuid, pii_principal_id: uuid });
const state = z.object({ state: z.string(), at: answeredInstant, validUntil: answeredInstant.nullable() });

/** The record of a consent; its own signature says whether it is one. */
export const consentCertificateView = z
  .object({
    ...head,
    kind: z.literal('consent'),
    record: z.object({
      record_header: header,
      pii_processing: z.array(words),
      party_identification: z.array(words),
      consent_events: z.array(words).meta({ description: 'The consent first, then everything that concerns its channel and purpose since' }),
      state,
      evidence: words.nullable(),
      third_party_verification: words.nullable(),
    }),
  })
  .meta({ id: 'ConsentCertificate' });

export const consentReceiptView = z
  .object({
    ...head,
    kind: z.literal('consent_receipt'),
    receipt: z.object({
      receipt_header: header.extend({ receipt_id: z.string() }),
      pii_controller: z.string(),
      channel: z.string(),
      purpose: z.string(),
      text: z.array(words),
      given_at: answeredInstant.nullable(),
      events: z.array(words),
      state,
      withdrawal_method: z.string(),
      record_digest: z.string(),
    }),
  })
  .meta({ id: 'ConsentReceipt' });

export const consentOpeningView = z
  .object({
    consentId: uuid,
    opening: z.string().meta({ description: 'With the phone number it shows whose consent this is, and of no other' }),
    digest: z.string().meta({ description: 'HMAC-SHA256 of the E.164 number under the opening: `person.digest` of record and receipt' }),
  })
  .meta({ id: 'ConsentOpening' });
