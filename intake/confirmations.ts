import { consentsOfRequest, useRequest, type ConfirmationRequestRow, type RequestedConsent } from '../db/confirmations.ts';
import type { Db, Tx } from '../db/connection.ts';
import { consentLedgers, type NewConsentEvent } from '../db/consents.ts';
import { lockLeads } from '../db/leads.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { openFact } from '../db/person-records.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { pendingConsents, type AskedConsents } from '../domain/confirmation.ts';
import { withdraws, foldConsent } from '../domain/consent-ledger.ts';
import type { ConsentEvent, ConsentEvidence, Grade } from '../domain/consent.ts';
import { recordConsentEvent } from './consents.ts';

/** What a person saw and did on a page of their own: the evidence of it, which is kept sealed. */
export interface OwnAct {
  /** The words that were agreed to, exactly as they stood on the page. */
  text: string;
  textVersion: string;
  language: string;
  /** Keyed digests: they can be compared, and tell nobody an address. */
  ipDigest: string;
  userAgentDigest: string;
}

/**
 * What a request still waits for: of a double opt-in the consents that nobody has confirmed, withdrawn or let lapse; of a renewal
 * those that nobody has withdrawn. Empty when there is nothing left to agree to.
 */
export async function openConsents(
  tx: Tx, request: ConfirmationRequestRow, now: Date,
): Promise<RequestedConsent[]> {
  if (request.used_at !== null) return [];
  const ledger = (await consentLedgers(tx, [request.lead_id])).get(request.lead_id) ?? [];
  const consents = await consentsOfRequest(tx, request);
  if (request.kind === 'renewal') return consents.filter(({ channel, purpose }) => !isWithdrawn(ledger, { channel, purpose }, now));
  const pending = new Set(pendingConsents(ledger, now).flatMap(({ consentIds }) => consentIds));
  return consents.filter(({ consentId }) => pending.has(consentId));
}

/** The same consents, each with its text in the language in which it was shown, where the evidence says which that was. */
export async function inTheirLanguage(
  db: Db, vault: Vault, leadId: string, consents: readonly RequestedConsent[],
): Promise<RequestedConsent[]> {
  const inOrder = [];
  for (const consent of consents) {
    const isOneOfSeveral = consent.texts.length > 1;
    const evidence = isOneOfSeveral ? ((await openFact(db, vault, leadId, consent.consentId)) as ConsentEvidence | null) : null;
    const shown = languageIn(evidence?.language ?? '');
    const text = consent.texts.find(({ language }) => languageIn(language) === shown);
    inOrder.push(text ? { ...consent, text } : consent);
  }
  return inOrder;
}

/** `fr` of `fr-CA`. */
function languageIn(tag: string): string | undefined {
  return tag.toLowerCase().split('-')[0];
}

function isWithdrawn(ledger: readonly ConsentEvent[], { channel, purpose }: Pick<AskedConsents, 'channel' | 'purpose'>, at: Date): boolean {
  const last = foldConsent(ledger, channel, purpose, at).events.filter(({ kind }) => kind !== 'expired').at(-1);
  return last === undefined || withdraws(last);
}

/**
 * The person agrees to what a request asks: one event for each channel and purpose, with the page as its evidence. False when
 * there is nothing left to agree to, because another click, a withdrawal or time was faster.
 */
export async function agree(
  tx: Tx, vault: Vault, lead: LockedLead, request: ConfirmationRequestRow, act: OwnAct, now: Date,
): Promise<boolean> {
  // An import brings consents without waiting for the lock of the person, but not without this one.
  await lockLeads(tx, [lead.id]);
  const open = await openConsents(tx, request, now);
  if (open.length === 0 || !(await useRequest(tx, request, now))) return false;
  const scopes = Map.groupBy(open, ({ channel, purpose }) => `${channel} ${purpose}`);
  const personal = { ...act, messageId: request.message_id, requestId: request.id };
  for (const consents of scopes.values()) {
    const consent = consents.at(-1);
    if (!consent) continue;
    const event = request.kind === 'confirmation' ? confirmedOf(lead, consent, now) : renewedOf(lead, consent, now);
    const said = `${event.kind} by the person: ${consent.purpose} by ${consent.channel}, through a link sent to them`;
    await recordConsentEvent(tx, vault, event, { ...personal, method: event.method }, now, said);
  }
  return true;
}

/** So soon after a click, another one is the same click. */
const SAME_CLICK = 'PT1M';

/** Whether a request was agreed to just now, and nothing that it asked about has been withdrawn since. */
export async function wasJustAgreed(tx: Tx, request: ConfirmationRequestRow, now: Date): Promise<boolean> {
  if (request.used_at === null || plus(request.used_at, SAME_CLICK) <= now) return false;
  const ledger = (await consentLedgers(tx, [request.lead_id])).get(request.lead_id) ?? [];
  const consents = await consentsOfRequest(tx, request);
  return consents.every(({ channel, purpose }) => !isWithdrawn(ledger, { channel, purpose }, now));
}

function confirmedOf(lead: LockedLead, consent: RequestedConsent, now: Date): NewConsentEvent {
  const { channel, purpose, grade, textVersion, textSourceId } = consent;
  const text = { text_version: textVersion, text_source_id: textSourceId };
  return { ...ownEvent(lead, grade, now), kind: 'confirmed', channel, purpose, ...text, expires_at: null, method: 'confirmation_link' };
}

/** It stands for as long as the one before it did. */
function renewedOf(lead: LockedLead, consent: RequestedConsent, now: Date): NewConsentEvent {
  const { channel, purpose, grade, textVersion, textSourceId, happenedAt, expiresAt } = consent;
  const until = expiresAt && new Date(now.getTime() + expiresAt.getTime() - happenedAt.getTime());
  const text = { text_version: textVersion, text_source_id: textSourceId };
  return { ...ownEvent(lead, grade, now), kind: 'granted', channel, purpose, ...text, expires_at: until, method: 'renewal_link' };
}

/** What every event says that the person caused on their own page: nobody has to confirm it once more. */
export function ownEvent(lead: LockedLead, grade: Grade, now: Date) {
  const nothing = { acquisition_id: null, confirmation: 'none' as const, effect: 'in_force' as const };
  return { ...nothing, lead_id: lead.id, grade, happened_at: now, received_at: now };
}
