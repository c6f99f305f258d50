import { canonicalJson } from './canonical-json.ts';
import { PROOF_FORMAT } from './clearance-proof.ts';
import { sha256Of } from './digest.ts';
import type { Signature, SigningKeys } from './signing-keys.ts';

/** The information structure that a consent record follows. */
export const CONSENT_SCHEMA = 'ISO/IEC TS 27560:2023';

/** Something that happened to a consent, or to its channel and purpose after it. */
export interface ConsentRecordEvent {
  id: string;
  /** `given`, `confirmed`, `withdrawn`, `expired`, `invalidated`: how the consent stands by this event alone. */
  state: 'given' | 'confirmed' | 'withdrawn' | 'expired' | 'invalidated';
  at: string;
  receivedAt: string;
  validUntil: string | null;
  /** How it was recorded or the way it came. */
  method: string | null;
  channel: string;
  purpose: string;
}

/** The words that were shown, as they were. */
export interface PresentedText {
  source: string;
  version: string;
  language: string;
  text: string;
}

/** Everything that is on record of one consent. Nothing in it is personal data. */
export interface ConsentOnRecord {
  consentId: string;
  leadId: string;
  /** HMAC-SHA256 of the number under the opening of this consent, hexadecimal; null once the number is forgotten. */
  personDigest: string | null;
  company: string;
  channel: string;
  purpose: string;
  grade: string;
  confirmation: string;
  effect: string;
  jurisdictions: readonly string[];
  presented: readonly PresentedText[];
  textVersion: string | null;
  language: string | null;
  method: string | null;
  /** Which kinds of evidence are kept, sealed; the digest is HMAC-SHA256 of their canonical JSON under the opening. */
  evidence: { kinds: readonly string[]; digest: string } | null;
  thirdParty: { provider: string; result: string; answeredAt: string | null; answerDigest: string | null } | null;
  /** The consent first, then what came after it. */
  events: readonly ConsentRecordEvent[];
  /** How it stands at the moment of signing. */
  state: { state: string; at: string; validUntil: string | null };
}

export interface ConsentIssued {
  issuedAt: Date;
  keysUrl: string;
}

export type ConsentProof = ReturnType<typeof unsignedRecord> & { signature: Signature };
export type ConsentReceipt = ReturnType<typeof unsignedReceipt> & { signature: Signature };

/** The consent record as a signed file: what was agreed to, in which words, when, and what became of it. */
export function proveConsent(on: ConsentOnRecord, issued: ConsentIssued, keys: SigningKeys): ConsentProof {
  const content = unsignedRecord(on, issued);
  return { ...content, signature: keys.sign(canonicalJson(content)) };
}

/** The receipt for the person: what they agreed to, with whom, how it stands, and how it is taken back. */
export function receiptOf(on: ConsentOnRecord, issued: ConsentIssued, keys: SigningKeys): ConsentReceipt {
  const content = unsignedReceipt(on, issued);
  return { ...content, signature: keys.sign(canonicalJson(content)) };
}

function unsignedRecord(on: ConsentOnRecord, issued: ConsentIssued) {
  return { ...headOf(on, issued), kind: 'consent' as const, record: recordOf(on) };
}

function unsignedReceipt(on: ConsentOnRecord, issued: ConsentIssued) {
  const { consentId, company, channel, purpose, events, state, presented } = on;
  const receipt = {
    receipt_header: { schema_version: CONSENT_SCHEMA, receipt_id: `receipt/${consentId}`, record_id: consentId, pii_principal_id: on.leadId },
    pii_controller: company,
    channel,
    purpose,
    text: presented,
    given_at: events[0]?.at ?? null,
    events,
    state,
    withdrawal_method: WITHDRAWAL,
    record_digest: sha256Of(canonicalJson(recordOf(on))),
  };
  return { ...headOf(on, issued), kind: 'consent_receipt' as const, receipt };
}

const WITHDRAWAL = 'At any time, by any reasonable means: a reply to a message, in a call, by letter or e-mail, or on the preference page.';

function headOf({ consentId, personDigest }: ConsentOnRecord, { issuedAt, keysUrl }: ConsentIssued) {
  const person = { digest: personDigest, algorithm: 'HMAC-SHA256' };
  return { format: PROOF_FORMAT, consentId, person, issuedAt: issuedAt.toISOString(), issuer: { keys: keysUrl } };
}

function recordOf(on: ConsentOnRecord) {
  return {
    record_header: { schema_version: CONSENT_SCHEMA, record_id: on.consentId, pii_principal_id: on.leadId },
    pii_processing: [processingOf(on)],
    party_identification: [{ party_id: 'controller', party_role: 'pii_controller', party_type: 'organisation', party_name: on.company }],
    consent_events: on.events.map((event) => ({
      event_id: event.id,
      event_state: event.state,
      event_time: event.at,
      recorded_time: event.receivedAt,
      validity_duration: { valid_from: event.at, valid_until: event.validUntil },
      consent_type: on.grade,
      method: event.method,
      scope: { channel: event.channel, purpose: event.purpose },
      entity_id: event.state === 'given' || event.state === 'withdrawn' || event.state === 'confirmed' ? 'pii_principal' : 'controller',
    })),
    state: on.state,
    evidence: on.evidence,
    third_party_verification: on.thirdParty,
  };
}

function processingOf(on: ConsentOnRecord) {
  return {
    privacy_notice: {
      version: on.textVersion,
      presented: on.presented.map((each) => ({ ...each, digest: sha256Of(each.text) })),
    },
    language: on.language,
    purposes: [{
      purpose: on.purpose,
      purpose_type: 'direct marketing and service contact',
      lawful_basis: 'consent',
      consent_type: on.grade,
      confirmation: on.confirmation,
      effect: on.effect,
      processing_methods: [`contact by ${on.channel}`],
      pii_information: [{ pii_type: on.channel === 'email' ? 'e-mail address' : 'telephone number', pii_optional: false, sensitive_pii: false }],
      pii_controllers: ['controller'],
      collection_method: on.method,
      jurisdictions: on.jurisdictions,
      withdrawal_method: WITHDRAWAL,
    }],
  };
}
