import { readLeadFacts } from '../db/lead-facts.ts';
import type { AcquisitionView, ConsentView, LeadState } from '../db/lead-views.ts';
import { findLeads, latestAcquisitions, latestConsents } from '../db/lead-views.ts';
import { openPersonRecords } from '../db/person-records.ts';
import type { TimelineEntry } from '../db/timeline.ts';
import type { LeadFacts } from '../domain/lead.ts';
import { review } from '../domain/review.ts';
import { peopleOfLeads, prospectOf as prospect, type Person } from '../gate/people.ts';
import { maskEmail } from '../intake/mask-email.ts';
import { foldRecords, type PersonalRecord } from '../intake/personal-record.ts';
import { maskPhone } from '../intake/phone/mask-phone.ts';
import { leadWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import type { LeadAnswer, LeadSummaryAnswer, Revealable, TimelineItem } from './lead-answers.ts';

const SHOWN_ACQUISITIONS = 100;
const SHOWN_CONSENTS = 200;

/** Leads as `GET /v1/leads/{id}` shows them, newest first; ids without a lead are left out. */
export async function readLeads(
  context: ApiContext, ids: readonly string[], revealed: readonly Revealable[] = [],
): Promise<LeadAnswer[]> {
  const { db, vault } = context;
  const now = context.now();
  const [states, facts, people, records, acquisitions, consents] = await Promise.all([
    findLeads(db, ids),
    Promise.all(ids.map((id) => readLeadFacts(db, id, now))).then((all) => new Map(all.map((each) => [each?.id, each]))),
    peopleOfLeads(db, ids, now),
    openPersonRecords(db, vault, ids),
    latestAcquisitions(db, ids, SHOWN_ACQUISITIONS).then((rows) => Map.groupBy(rows, (each) => each.lead_id)),
    latestConsents(db, ids, SHOWN_CONSENTS).then((rows) => Map.groupBy(rows, (each) => each.lead_id)),
  ]);
  return states.map((state) => {
    const person = foldRecords((records.get(state.id) ?? []));
    return {
      ...summaryOf(context, state, person),
      ...shownOf(person, revealed),
      zones: state.zones,
      lineType: state.line_type,
      ...prospectOf(people.get(state.id), now),
      ...reviewedNow(facts.get(state.id), people.get(state.id), now),
      revealed: [...revealed],
      acquisitions: (acquisitions.get(state.id) ?? []).map(acquisitionOf),
      consents: (consents.get(state.id) ?? []).map(consentOf),
    };
  });
}

/** A lead as a list shows it. */
export function summaryOf(context: ApiContext, state: LeadState, person: PersonalRecord | undefined): LeadSummaryAnswer {
  return {
    leadId: state.id,
    stage: state.stage,
    consentState: state.consent_state,
    dncState: state.dnc_state,
    jurisdictions: state.jurisdictions,
    source: state.source_id,
    createdAt: state.created_at.toISOString(),
    nextReviewAt: isoOf(state.next_review_at),
    archiveDueAt: isoOf(state.archive_due_at),
    retainUntil: isoOf(state.retain_until),
    archivedAt: isoOf(state.archived_at),
    retrievedUntil: isoOf(state.retrieved_until),
    phone: person?.phone === undefined ? null : maskPhone(person.phone),
    workflowId: leadWorkflowId(state.id),
    links: linksOf(context, state.id),
  };
}

/** Where a lead and its workflow can be looked at. */
export function linksOf({ temporalUi }: ApiContext, leadId: string): LeadSummaryAnswer['links'] {
  const workflow = `/workflows/${encodeURIComponent(leadWorkflowId(leadId))}`;
  return { self: `/v1/leads/${leadId}`, temporal: temporalUi === null ? null : temporalUi + workflow };
}

function shownOf(person: PersonalRecord, revealed: readonly Revealable[]): Pick<LeadAnswer, 'phone' | 'subject'> {
  const { phone, name, email, address } = person;
  const show = (field: Revealable, value: string | undefined, mask: (value: string) => string): string | null =>
    value === undefined ? null : revealed.includes(field) ? value : mask(value);
  const { country, region } = address ?? {};
  const place = revealed.includes('address') ? address : { ...(country ? { country } : {}), ...(region ? { region } : {}) };
  return {
    phone: show('phone', phone, maskPhone),
    subject: {
      name: show('name', name, maskName),
      email: show('email', email, maskEmail),
      address: place && Object.keys(place).length > 0 ? place : null,
    },
  };
}

/** The first character of a name, and always the same number of stars. */
export function maskName(name: string): string {
  const initial = name.trim().codePointAt(0);
  return `${initial === undefined ? '' : String.fromCodePoint(initial)}***`;
}

type Prospect = Pick<LeadAnswer, 'blockers' | 'contactableFrom'> & Partial<Pick<LeadAnswer, 'dncState'>>;

/** What stands against a marketing call now, from when one is lawful, and what the lists in force say by now. */
function prospectOf(person: Person | undefined, now: Date): Prospect {
  if (!person) return { blockers: [], contactableFrom: null };
  const { blockers, from, dncState } = prospect(person, now);
  return { blockers, contactableFrom: isoOf(from), dncState };
}

/**
 * How its consents stand, until when it is kept and where, by its facts as they are now: a withdrawal counts before any workflow
 * has heard of it, and a clearance is evidence at once and tells none.
 */
function reviewedNow(
  facts: LeadFacts | null | undefined, person: Person | undefined, now: Date,
): Partial<Pick<LeadAnswer, 'consentState' | 'archiveDueAt' | 'retainUntil'>> {
  if (!facts || !person || facts.disposedAt) return {};
  const { consentState, archiveDueAt, retainUntil } = review(facts, person.facts, person.law, now);
  return { consentState, archiveDueAt: isoOf(archiveDueAt), retainUntil: isoOf(retainUntil) };
}

function acquisitionOf(row: AcquisitionView): LeadAnswer['acquisitions'][number] {
  const { id, method, campaign } = row;
  const times = { acquiredAt: row.acquired_at.toISOString(), receivedAt: row.received_at.toISOString() };
  return { id, source: row.source_id, ...times, method, campaign, importId: row.import_id };
}

/** A consent event as it is answered. */
export function consentOf(row: ConsentView): LeadAnswer['consents'][number] {
  const { id, kind, channel, purpose, grade, effect, confirmation } = row;
  return {
    id,
    acquisitionId: row.acquisition_id,
    kind,
    channel,
    purpose,
    grade,
    effect,
    obtainedAt: row.happened_at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    expiresAt: isoOf(row.expires_at),
    confirmation,
    textVersion: row.text_version,
    textSource: row.text_source_id,
    method: row.method,
    via: row.via,
  };
}

/** An entry of a timeline in plain words. */
export function timelineItemOf({ at, type, id, words }: TimelineEntry): TimelineItem {
  return { at: at.toISOString(), id, ...describe(type, words) };
}

function describe(type: TimelineEntry['type'], words: readonly string[]): Pick<TimelineItem, 'type' | 'summary'> {
  const [first, second, third, fourth] = words;
  switch (type) {
    case 'acquired': return { type, summary: `Acquired from ${first} (${second}).` };
    case 'consent': {
      const waiting = fourth === 'waiting' ? ' It waits: a withdrawal stands.' : '';
      const scope = `${third === 'all' ? 'everything' : third} by ${second === 'all' ? 'any channel' : second}`;
      return { type: `consent_${first}`, summary: `Consent to ${scope} ${first}.${waiting}` };
    }
    case 'stage_changed': return { type, summary: `Stage changed from ${first} to ${second}.` };
    case 'accessed': return { type, summary: `Shown in clear to ${first}: ${words.slice(1).join(', ')}.` };
    case 'subject_request': return { type, summary: `Asked for ${first}, through ${inWords(second)}.` };
    case 'asked': return { type: `${first}_requested`, summary: `To be asked for the ${first} of ${second === '1' ? 'a consent' : `${second} consents`}.` };
    case 'asking_sent': return { type: `${first}_sent`, summary: `Asked for the ${first}, through ${second}.` };
    case 'asking_failed': return { type: `${first}_not_sent`, summary: `Not asked for the ${first}: ${inWords(second)}.` };
    case 'contact': return { type, summary: `Contact by ${second}: ${inWords(first)}${third === undefined ? '' : `, campaign ${third}`}.` };
    case 'suppressed': return { type, summary: `Suppressed on ${channelWord(second)}: ${inWords(first)}.` };
    case 'suppression_lifted': return { type, summary: `Suppression on ${channelWord(second)} lifted: ${inWords(first)}.` };
    case 'relationship': return { type, summary: `Business relationship: ${first}.` };
    case 'reassigned_answer': {
      const told = { yes: 'the number is somebody else\'s now', no: 'the number is still the person\'s', no_data: 'nothing is known of the number' };
      return { type, summary: `A database of reassigned numbers (${second}): ${told[first as keyof typeof told]}.` };
    }
    case 'ported': return { type, summary: `Ported: the number is one of a ${first} line from then on.` };
    case 'held': return { type, summary: `Held: not to be disposed of${first === undefined ? '' : ` before ${first}`}.` };
    case 'hold_released': return { type, summary: 'The hold was released.' };
    case 'dnc_listed': return { type, summary: `On the do-not-call list ${first}, by release ${second}.` };
    case 'dnc_freed': return { type, summary: `No longer on the do-not-call list ${first}, by release ${second}.` };
    case 'retrieval_asked': return { type, summary: `Asked back from the archive by ${first}, for ${second === '1' ? 'a day' : `${second} days`}.` };
    case 'retrieval_approved': return { type, summary: `Retrieval from the archive approved by ${first}.` };
    case 'retrieval_withdrawn': return { type, summary: `Retrieval from the archive withdrawn by ${first}.` };
    case 'retrieval_back': return { type, summary: 'Back from the archive.' };
    case 'retrieval_returned': return { type, summary: 'Returned to the archive.' };
    case 'disposal_opened': return { type, summary: `To be destroyed: ${inWords(first)}, opened by ${second}.` };
    case 'disposal_approved': return { type, summary: `Destruction agreed to by ${first}.` };
    case 'order_withdrawn': return { type, summary: `Order to destroy it withdrawn by ${first}.` };
    case 'key_destroyed': return { type, summary: 'The data key was destroyed: nothing of the person can be read any more.' };
    case 'disposal_completed': return { type, summary: 'Every store has confirmed; the certificate is signed.' };
    case 'unclear_opt_out': {
      const meaning = second === undefined ? 'nobody has looked at it yet' : `taken for ${second === 'opt_out' ? 'an opt-out' : 'none'}`;
      return { type, summary: `Statement on ${channelWord(first)} that may be an opt-out: ${meaning}.` };
    }
  }
}

function inWords(name: string | undefined): string {
  return (name ?? '').replaceAll('_', ' ');
}

function channelWord(channel: string | undefined): string {
  return channel === 'all' ? 'every channel' : channel ?? '';
}

function isoOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
