import { consentLedgers } from '../../db/consents.ts';
import type { Db } from '../../db/connection.ts';
import { heldSources, type HeldSource } from '../../db/held-sources.ts';
import type { LockedLead } from '../../db/locked-lead.ts';
import { openPersonRecords } from '../../db/person-records.ts';
import { currentSettings } from '../../db/settings.ts';
import { standingSuppressions, type SuppressionRow } from '../../db/suppressions.ts';
import { requestsOfPerson, type SubjectRequestRow } from '../../db/subject-requests.ts';
import type { Vault } from '../../db/vault.ts';
import { CHANNELS, type Channel, type ConsentEvent, type Purpose } from '../../domain/consent.ts';
import type { ConsentState } from '../../domain/consent-ledger.ts';
import { consentOverview } from '../../domain/consent-overview.ts';
import { maskEmail } from '../../intake/mask-email.ts';
import { foldRecords, type PersonalRecord } from '../../intake/personal-record.ts';
import { maskPhone } from '../../intake/phone/mask-phone.ts';
import { maskName } from '../lead-views.ts';

/** One way of contacting a person, and how it stands with them. */
export interface Choice {
  channel: Channel;
  purpose: Purpose;
  state: ConsentState | 'stopped';
  since: Date;
  until: Date | null;
}

/** What a person is shown of themselves, masked: a link can be passed on, or read over a shoulder. */
export interface Held {
  company: string;
  name: string | null;
  phone: string | null;
  email: string | null;
  /** All of it lies in the archive, where this page does not look. */
  isArchived: boolean;
  sources: HeldSource[];
  choices: Choice[];
  /** What they asked for lately, newest first. */
  requests: SubjectRequestRow[];
}

/** So many of their requests a person is shown. */
export const MOST_REQUESTS = 10;

export async function readHeld(db: Db, vault: Vault, lead: LockedLead, now: Date): Promise<Held> {
  const ledger = (await consentLedgers(db, [lead.id])).get(lead.id) ?? [];
  const records = (await openPersonRecords(db, vault, [lead.id])).get(lead.id) as PersonalRecord[] | undefined;
  const { name, phone, email } = foldRecords(records ?? []);
  const { settings } = await currentSettings(db);
  return {
    company: settings.company.name,
    name: name === undefined ? null : maskName(name),
    phone: phone === undefined ? null : maskPhone(phone),
    email: email === undefined ? null : maskEmail(email),
    // There is no lead without a number.
    isArchived: phone === undefined,
    sources: await heldSources(db, lead.id),
    choices: choicesOf(ledger, await standingSuppressions(db, lead.token), now),
    requests: await requestsOfPerson(db, lead.id, MOST_REQUESTS),
  };
}

/**
 * The channels and purposes that a person has something to decide about: those that they once agreed to, and marketing on those
 * channels that a withdrawal or an opt-out closed. An opt-out outdoes what the ledger says of its channel.
 */
export function choicesOf(ledger: readonly ConsentEvent[], suppressions: readonly SuppressionRow[], now: Date): Choice[] {
  const optOuts = suppressions.filter(({ kind }) => kind === 'opt_out' || kind === 'complaint');
  const stoppedOn = (channel: Channel) => optOuts.filter((each) => each.channel === 'all' || each.channel === channel).at(-1)?.reported_at ?? null;
  const given = (channel: Channel, purpose: Purpose) => ledger.some((event) => {
    return event.kind === 'granted' && event.channel === channel && event.purpose === purpose;
  });
  const choices = consentOverview(ledger, now)
    .filter(({ channel, purpose, state }) => given(channel, purpose) || (purpose === 'marketing' && state === 'revoked'))
    .map(({ channel, purpose, state, since, expiresAt }): Choice => {
      const stopped = stoppedOn(channel);
      return stopped ? { channel, purpose, state: 'stopped', since: stopped, until: null } : { channel, purpose, state, since, until: expiresAt };
    });
  const missing = CHANNELS.flatMap((channel): Choice[] => {
    const stopped = choices.some((choice) => choice.channel === channel) ? null : stoppedOn(channel);
    return stopped ? [{ channel, purpose: 'marketing', state: 'stopped', since: stopped, until: null }] : [];
  });
  return [...choices, ...missing];
}
