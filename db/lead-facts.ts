import { sql, type RawBuilder } from 'kysely';
import { stateChangesOf, type RecordedState } from '../domain/state-changes.ts';
import type { AcquisitionFacts, LeadFacts } from '../domain/lead.ts';
import { closedSince } from './closures.ts';
import { requestsOfLead } from './confirmations.ts';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import { holdStands } from './legal-holds.ts';
import { named, type Places } from './named.ts';
import type { LeadRow } from './schema.ts';
import { publish } from './subscriber-events.ts';

/** A lead's facts, with what the last review came to. */
export type RecordedLead = LeadFacts & RecordedState & {
  /** Its number is nobody's any more: the key is gone, whether or not its disposal is complete. */
  isForgotten: boolean;
};

/** A lead's facts and the state on record, with the lead locked against other reviews. Null when there is no such lead. */
export function lockLeadFacts(tx: Tx, leadId: string, at: Date): Promise<RecordedLead | null> {
  return leadFacts(tx, lockFacts, { leadId, at });
}

/** The same, without keeping anybody waiting. */
export function readLeadFacts(db: Db, leadId: string, at: Date): Promise<RecordedLead | null> {
  return leadFacts(db, readFacts, { leadId, at });
}

type FactsRow = Omit<RecordedLead, 'acquisitions' | 'requests'>;
type Reading = (db: Db, values: { leadId: string; at: Date }) => Promise<FactsRow[]>;

const lockFacts: Reading = named('lead_facts_locked', (places) => sql`${factsOf(places)} for update of lead`);
const readFacts: Reading = named('lead_facts', factsOf);

/** Planned once for each connection: to plan it takes longer than to run it, and every review asks. */
function factsOf({ leadId, at }: Places<{ leadId: string; at: Date }>): RawBuilder<FactsRow> {
  return sql`
    select id, stage, stage_since as "stageSince", archived_at as "archivedAt", disposed_at as "disposedAt",
           retrieved_until as "retrievedUntil",
           (select json_build_object('acquisitions', acquisitions, 'grants', grants) from archive_bundle where lead_id = lead.id) as "archivedWith",
           erasure_asked_at as "erasureAskedAt", ${holdStands(at)} as "isHeld",
           ${closedSince()} as "closedSince",
           (select opened_at from disposal where lead_id = lead.id and completed_at is null
             and (ground <> 'order' or approved_at is not null)) as "disposalOpenedAt", token is null as "isForgotten",
           contactable_from as "contactableFrom", consent_state as "consentState", reviewed_at as "reviewedAt",
           exists (select 1 from personal_data where lead_id = lead.id and email_token is not null) as "hasEmail",
           (select max(greatest(ended_at, received_at)) from contact where lead_id = lead.id) as "lastContactAt",
           (select at from clearance where lead_id = lead.id and decision = 'allow' order by id desc limit 1) as "lastClearedAt",
           (select at from clearance where lead_id = lead.id order by id desc limit 1) as "lastAskedAt",
           (select max(greatest(requested_at, received_at)) from subject_request
            where lead_id = lead.id and kind <> 'erasure') as "lastRequestAt"
    from lead where id = ${leadId}`;
}

async function leadFacts(db: Db, read: Reading, values: { leadId: string; at: Date }): Promise<RecordedLead | null> {
  const [lead] = await read(db, values);
  if (!lead) return null;
  return { ...lead, acquisitions: await acquisitionFacts(db, values.leadId), requests: await requestsOfLead(db, values.leadId) };
}

/** What a review decided, as the lead's row keeps it for lists and reports. */
export type ReviewedState = Pick<
  LeadRow,
  | 'stage' | 'consent_state' | 'dnc_state' | 'next_review_at' | 'archive_due_at' | 'retain_until'
  | 'blockers' | 'contactable_from' | 'contact_area' | 'held' | 'retain_rule' | 'archive_rule'
>;

/**
 * Records what a review decided; a change of stage is a fact of its own. Whoever subscribes hears what is different from the last
 * review. `latestConsent` is the latest event of the lead's ledger.
 */
export async function recordReview(
  tx: Tx, facts: RecordedLead, state: ReviewedState, latestConsent: string | null, at: Date,
): Promise<void> {
  const moved = facts.stage !== state.stage;
  const stageChange = moved ? newId() : null;
  await tx
    .updateTable('lead')
    .set({ ...state, reviewed_at: at, ...(moved ? { stage_since: at } : {}) })
    .where('id', '=', facts.id)
    .execute();
  if (stageChange !== null) {
    await tx
      .insertInto('stage_change')
      .values({ id: stageChange, lead_id: facts.id, from_stage: facts.stage, to_stage: state.stage, at })
      .execute();
  }
  const next = { stage: state.stage, consentState: state.consent_state, contactableFrom: state.contactable_from };
  await publish(tx, stateChangesOf(facts, next, { stageChange, latestConsent }, at), at);
}

async function acquisitionFacts(db: Db, leadId: string): Promise<LeadFacts['acquisitions']> {
  const rows = await readAcquisitions(db, { leadId });
  const [first, last = first] = rows;
  if (!first || !last) throw new Error(`lead ${leadId} has no acquisition`);
  return { count: Number(first.count), first, last };
}

const readAcquisitions: (db: Db, values: { leadId: string }) => Promise<(AcquisitionFacts & { count: bigint })[]> =
  named('lead_acquisitions', ({ leadId }) => sql`
    select * from (
      select id, source_id as source, acquired_at as "acquiredAt", received_at as "receivedAt", count(*) over () as count,
             row_number() over (order by received_at, id) as nth
      from acquisition where lead_id = ${leadId}
    ) numbered
    where nth = 1 or nth = count order by nth`);

/** Leads whose review should have happened by `before` and for whom nothing is waiting in the outbox, oldest first. */
export async function overdueLeads(db: Db, before: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select lead.id from lead
    where next_review_at is not null and next_review_at < ${before}
      and not exists (select 1 from outbox where outbox.subject = lead.id)
    order by next_review_at limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

interface LastReview {
  /** What the lead's workflow shows of it and sleeps by, in one text to compare. */
  shown: string;
  /** Whether the workflow should have woken by itself; that a month is over only the database is meant to notice. */
  isOverslept: boolean;
}

/** What the last review of a lead came to, with the lead locked. Undefined when there is no such lead. */
export async function lockLastReview(tx: Tx, leadId: string): Promise<LastReview | undefined> {
  const { rows: [lead] } = await sql<LastReview>`
    select row(stage, consent_state, dnc_state, blockers, contactable_from, archive_due_at, retain_until)::text as shown,
           reviewed_at is null or next_review_at < reviewed_at + interval '719 hours' as "isOverslept"
    from lead where id = ${leadId} for update`.execute(tx);
  return lead;
}
