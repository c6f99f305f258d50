import { createHmac, createSecretKey } from 'node:crypto';
import { checksOfConsent, type CertificateCheck } from '../db/certificate-checks.ts';
import type { Db } from '../db/connection.ts';
import { consentHistory, consentLedgers, findConsentEvent, ledgerEventOf } from '../db/consents.ts';
import { findLeads } from '../db/lead-views.ts';
import { openFact, openFirstRecords } from '../db/person-records.ts';
import type { ConsentEventRow } from '../db/schema.ts';
import { currentSettings } from '../db/settings.ts';
import { findSource } from '../db/sources.ts';
import type { Vault } from '../db/vault.ts';
import { foldConsent, reaches } from '../domain/consent-ledger.ts';
import type { Channel, ConsentEvent, ConsentEvidence, Purpose } from '../domain/consent.ts';
import { DomainError } from '../domain/problem.ts';
import type { PersonalRecord } from '../intake/personal-record.ts';
import { canonicalJson } from '../proof/canonical-json.ts';
import type { ConsentOnRecord, ConsentRecordEvent, PresentedText } from '../proof/consent-proof.ts';
import { commitToNumber } from '../proof/opening.ts';

const MOST_EVENTS = 500;

type Granted = ConsentEventRow & { channel: Channel; purpose: Purpose };

/** Everything on record of a consent at a moment, ready to be signed. Refuses an id of anything but a consent that was given. */
export async function consentOnRecord(db: Db, vault: Vault, id: string, now: Date): Promise<ConsentOnRecord> {
  const consent = await requireGrant(db, id);
  const { lead_id: leadId, channel, purpose, grade, confirmation, effect, text_version: textVersion } = consent;
  const [person, evidence, [lead], { settings }, history, ledgers, checks] = await Promise.all([
    openFirstRecords(db, vault, [leadId]),
    openFact(db, vault, leadId, id) as Promise<ConsentEvidence | null>,
    findLeads(db, [leadId]),
    currentSettings(db),
    consentHistory(db, leadId, justBefore(consent), MOST_EVENTS),
    consentLedgers(db, [leadId]),
    checksOfConsent(db, id, MOST_EVENTS),
  ]);
  const opening = vault.openingKey(id);
  const phone = (person.get(leadId)?.[0] as PersonalRecord | undefined)?.phone;
  const presented = await presentedTo(db, consent, evidence?.language);
  const check = checks.find(({ result }) => result !== 'unverified') ?? checks[0];
  return {
    consentId: id, leadId, channel, purpose, grade, confirmation, effect, textVersion, presented,
    personDigest: phone === undefined ? null : commitToNumber(opening, phone).toString('hex'),
    company: settings.company.name,
    jurisdictions: lead?.jurisdictions ?? [],
    language: evidence?.language ?? (presented.length === 1 ? presented[0]?.language ?? null : null),
    method: consent.method,
    evidence: evidence && { kinds: Object.keys(evidence).sort(), digest: commitTo(opening, evidence) },
    thirdParty: check ? thirdPartyOf(check) : null,
    events: eventsOf(consent, history),
    state: stateAt(consent, ledgers.get(leadId) ?? [], now),
  };
}

/** A consent that was given. Refuses an id without one. */
export async function requireGrant(db: Db, id: string): Promise<Granted> {
  const found = await findConsentEvent(db, id);
  if (found?.kind === 'granted' && found.channel !== 'all' && found.purpose !== 'all') return found as Granted;
  throw new DomainError('unknown_consent', 'Name a consent that was given; GET /v1/leads/{id}/consents lists the consents of a lead.');
}

/** In the languages in which the version was shown, or in the one that is on record. */
async function presentedTo(db: Db, consent: ConsentEventRow, language: string | undefined): Promise<PresentedText[]> {
  const { text_source_id: sourceId, text_version: version } = consent;
  if (sourceId === null || version === null) return [];
  const texts = ((await findSource(db, sourceId))?.consentTexts ?? []).filter((text) => text.version === version);
  const own = texts.filter((text) => text.language === language);
  return (own.length > 0 ? own : texts).map((text) => ({ source: sourceId, version, language: text.language, text: text.text }));
}

/** Canonical JSON keeps nothing that JSON does not: evidence is JSON already. */
function commitTo(opening: Uint8Array, evidence: object): string {
  return createHmac('sha256', createSecretKey(opening)).update(canonicalJson(evidence)).digest('hex');
}

function thirdPartyOf({ provider, result, ...check }: CertificateCheck): ConsentOnRecord['thirdParty'] {
  return { provider, result, answeredAt: check.answered_at?.toISOString() ?? null, answerDigest: check.answer_digest };
}

/** A place in the ledger from which on everything is read that happened with a consent or after it. */
function justBefore({ happened_at, id }: ConsentEventRow): { at: Date; id: string } {
  return { at: new Date(happened_at.getTime() - 1), id };
}

const STATES = { granted: 'given', confirmed: 'confirmed', revoked: 'withdrawn', expired: 'expired', annulled: 'invalidated' } as const;

function eventsOf(consent: Granted, history: readonly ConsentEventRow[]): ConsentRecordEvent[] {
  const { id, happened_at: givenAt, channel, purpose } = consent;
  const later = history.filter((event) => {
    return event.id !== id && event.happened_at >= givenAt && reaches(ledgerEventOf(event), channel, purpose);
  });
  return [consent, ...later].map((event) => ({
    id: event.id,
    state: STATES[event.kind],
    at: event.happened_at.toISOString(),
    receivedAt: event.received_at.toISOString(),
    validUntil: event.expires_at?.toISOString() ?? null,
    method: event.method ?? event.via,
    channel: event.channel,
    purpose: event.purpose,
  }));
}

/** How the channel and purpose of a consent stand; `validUntil` is the end of the consent itself while it is in force. */
function stateAt(consent: Granted, ledger: readonly ConsentEvent[], now: Date): ConsentOnRecord['state'] {
  const { state, grants } = foldConsent(ledger, consent.channel, consent.purpose, now);
  const own = grants.find(({ id }) => id === consent.id);
  return { state, at: now.toISOString(), validUntil: own?.expiresAt?.toISOString() ?? null };
}
