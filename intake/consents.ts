import type { Tx } from '../db/connection.ts';
import { findConsentText, insertConsentEvent, lastConfirmation, type NewConsentEvent } from '../db/consents.ts';
import { annulConsents, grantedCalls } from '../db/dnc-hits.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { lockLeads } from '../db/leads.ts';
import { tellLeads } from '../db/outbox.ts';
import { sealForLead } from '../db/person-records.ts';
import type { ConsentEventRow } from '../db/schema.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import { gradeOf, type Channel, type Purpose } from '../domain/consent.ts';
import { DomainError } from '../domain/problem.ts';
import { needsConfirmation } from '../domain/settings.ts';
import type { CarriedConsent } from './acquisition.ts';
import { checkCertificate } from './certificates.ts';

/**
 * Puts a consent that the person gave for its own sake on the ledger of a locked lead. It always takes effect, and restores
 * its own channel and purpose after a wider withdrawal.
 */
export async function recordConsent(
  tx: Tx, vault: Vault, lead: LockedLead, consent: CarriedConsent, now: Date,
): Promise<ConsentEventRow> {
  const { evidence } = consent;
  const text = evidence?.textVersion === undefined ? null : await findConsentText(tx, lead.id, evidence.textVersion);
  const { settings } = await currentSettings(tx);
  const asked = text?.confirmation ?? (await lastConfirmation(tx, lead.id));
  const event = {
    ...nothingOf(lead, now),
    kind: 'granted' as const,
    channel: consent.channel,
    purpose: consent.purpose,
    grade: gradeOf(consent.grade, evidence),
    happened_at: consent.obtainedAt,
    expires_at: consent.expiresAt,
    confirmation: needsConfirmation(settings, { ...consent, jurisdictions: lead.jurisdictions }) ? ('double_opt_in' as const) : asked,
    text_version: evidence?.textVersion ?? null,
    text_source_id: text?.sourceId ?? null,
    method: evidence?.method ?? null,
  };
  const recorded = await recordConsentEvent(tx, vault, event, evidence ?? null, now);
  await annulConsents(tx, grantedCalls([recorded]), now);
  await checkCertificate(tx, { consentId: recorded.id, leadId: lead.id, evidence }, 'intake', now);
  return recorded;
}

/** What the person took back, in which words, and the way it came. */
export interface Withdrawal {
  channel: Channel | 'all';
  purpose: Purpose | 'all';
  revokedAt: Date;
  via: string | null;
  statement: string | null;
}

/** Puts a withdrawal on the ledger of a locked lead. */
export async function recordWithdrawal(
  tx: Tx, vault: Vault, lead: LockedLead, withdrawal: Withdrawal, now: Date,
): Promise<ConsentEventRow> {
  const { channel, purpose, revokedAt, via, statement } = withdrawal;
  const event = { ...nothingOf(lead, now), kind: 'revoked' as const, channel, purpose, happened_at: revokedAt, via };
  return recordConsentEvent(tx, vault, event, statement === null ? null : { statement }, now);
}

function nothingOf(lead: LockedLead, now: Date) {
  const nothing = { acquisition_id: null, expires_at: null, text_version: null, confirmation: 'none' as const };
  return { ...nothing, lead_id: lead.id, grade: 'implied' as const, effect: 'in_force' as const, received_at: now };
}

/** Adds an event to a ledger, with what it tells of the person sealed, and leaves word for the workflow. */
export async function recordConsentEvent(
  tx: Tx, vault: Vault, event: NewConsentEvent, personal: object | null, now: Date, said: string | null = null,
): Promise<ConsentEventRow> {
  // An import brings consents without waiting for the lock of the person, but not without this one.
  await lockLeads(tx, [event.lead_id]);
  const recorded = await insertConsentEvent(tx, event);
  if (personal !== null) await sealFact(tx, vault, event.lead_id, recorded.id, personal);
  await tellLeads(tx, [event.lead_id], { signal: 'consentChanged', factId: recorded.id, said }, now);
  return recorded;
}

/** Seals what a fact tells of a person. Refuses when the key that it would be sealed under is gone. */
export async function sealFact(tx: Tx, vault: Vault, leadId: string, factId: string, personal: object): Promise<void> {
  if (await sealForLead(tx, vault, leadId, factId, JSON.stringify(personal))) return;
  throw new DomainError('lead_disposed', 'Nothing more can be kept of this person.');
}
