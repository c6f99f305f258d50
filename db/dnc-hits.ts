import { sql } from 'kysely';
import { asSmallint, asText, asTimestamp, asUuid } from './binary.ts';
import type { Db } from './connection.ts';
import { consentChanged, type NewConsentEvent } from './consents.ts';
import type { CopyTransaction } from './copy.ts';
import type { CopyTable } from './copy-rows.ts';
import { newId } from './ids.ts';
import { publishHeld } from './subscriber-events.ts';

interface HitRow {
  lead_id: string;
  list_id: string;
  since: Date;
  release_id: string;
}

const HITS: CopyTable<HitRow> = {
  name: 'dnc_hit',
  columns: { lead_id: asUuid, list_id: asText, since: asTimestamp, release_id: asUuid },
};

interface NewsRow {
  subject: string;
  workflow: 'lead';
  signal: 'listChanged';
  fact_id: string;
  lane: 0 | 1;
  due_at: Date;
}

const NEWS: CopyTable<NewsRow> = {
  name: 'outbox',
  columns: { subject: asUuid, workflow: asText, signal: asText, fact_id: asUuid, lane: asSmallint, due_at: asTimestamp },
};

/** The release that lists or frees leads. */
export interface ListingRelease {
  id: string;
  list: string;
  asOf: Date;
}

/** Puts down that leads are on a list from now on; none of them is yet. */
export async function addHits({ copy }: Pick<CopyTransaction, 'copy'>, release: ListingRelease, leadIds: readonly string[]): Promise<void> {
  const hit = { list_id: release.list, since: release.asOf, release_id: release.id };
  await copy(HITS, [leadIds.map((lead_id) => ({ lead_id, ...hit }))]);
}

/** Puts down that leads are no longer on a list, and answers which of them were. */
export async function freeHits(db: Db, release: ListingRelease, leadIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ lead_id: string }>`
    update dnc_hit set freed_as_of = ${release.asOf}, freed_by = ${release.id}
    where lead_id = any(${leadIds}::uuid[]) and list_id = ${release.list} and freed_by is null
    returning lead_id`.execute(db);
  return rows.map(({ lead_id }) => lead_id);
}

/** How many of some leads are on a list. */
export async function currentlyHit(db: Db, listId: string, leadIds: readonly string[]): Promise<number> {
  const { rows: [found] } = await sql<{ count: bigint }>`
    select count(*) from dnc_hit
    where lead_id = any(${leadIds}::uuid[]) and list_id = ${listId} and freed_by is null`.execute(db);
  return Number(found?.count ?? 0n);
}

/** Which of some leads are on a list. */
export async function thoseOnList(db: Db, listId: string, leadIds: readonly string[]): Promise<Set<string>> {
  if (leadIds.length === 0) return new Set();
  const { rows } = await sql<{ lead_id: string }>`
    select lead_id from dnc_hit
    where lead_id = any(${leadIds}::uuid[]) and list_id = ${listId} and freed_by is null`.execute(db);
  return new Set(rows.map(({ lead_id }) => lead_id));
}

/** Leaves word for the workflows of leads whose listing has changed, to be delivered at a steady rate. */
export async function tellOfListing(
  { copy }: Pick<CopyTransaction, 'copy'>, releaseId: string, leadIds: readonly string[], now: Date,
): Promise<void> {
  const news = { workflow: 'lead', signal: 'listChanged', fact_id: releaseId, lane: 1, due_at: now } as const;
  await copy(NEWS, [leadIds.map((subject) => ({ subject, ...news }))]);
}

/** A statement takes 65,535 parameters. */
const EVENTS_AT_ONCE = 2_000;
const ANNULMENT = {
  acquisition_id: null, kind: 'annulled', channel: 'call', purpose: 'all', grade: 'implied', effect: 'in_force', expires_at: null,
  confirmation: 'none', text_version: null, via: 'registry',
} as const;

/**
 * Annuls the consents to calls that leads gave before they came on a register that annuls, as far as no event says so yet: one of
 * the millisecond before each entry, since what was given at that very moment stands. An entry counts when it is over as well, so
 * a consent that is heard of late is as void as one that was known. Leads that had given none get no event.
 */
export async function annulConsents(db: Db, leadIds: readonly string[], now: Date): Promise<void> {
  if (leadIds.length === 0) return;
  const { rows } = await sql<{ lead_id: string; since: Date }>`
    select distinct hit.lead_id, hit.since from dnc_hit hit join dnc_list list on list.id = hit.list_id
    where hit.lead_id = any(${leadIds}::uuid[]) and list.effect = 'annul_consent'
      and exists (
        select 1 from consent_event given
        where given.lead_id = hit.lead_id and kind = 'granted' and channel = 'call' and happened_at < hit.since
      )
      and not exists (
        select 1 from consent_event said
        where said.lead_id = hit.lead_id and kind = 'annulled' and happened_at = hit.since - interval '1 millisecond'
      )`.execute(db);
  for (let start = 0; start < rows.length; start += EVENTS_AT_ONCE) {
    const events = rows.slice(start, start + EVENTS_AT_ONCE).map(({ lead_id, since }) => {
      return { ...ANNULMENT, id: newId(), lead_id, happened_at: new Date(since.getTime() - 1), received_at: now };
    });
    await db.insertInto('consent_event').values(events).execute();
    // A release takes minutes, and keeps no withdrawal waiting that long: so the leads are not held.
    await publishHeld(db, events.map(consentChanged), now);
  }
}

/** The leads to which some events grant calls: whose entries in registers have to be looked at. */
export function grantedCalls(events: readonly Pick<NewConsentEvent, 'lead_id' | 'kind' | 'channel'>[]): string[] {
  const granted = events.filter(({ kind, channel }) => kind === 'granted' && channel === 'call');
  return [...new Set(granted.map(({ lead_id }) => lead_id))];
}

/**
 * Of the leads that came in while a release was being activated, those about whom the activation and they themselves did not
 * know of each other: listed by it and not on the list, or not listed any more and still on it.
 */
export async function strayLatecomers(db: Db, release: ListingRelease): Promise<{ listed: string[]; freed: string[] }> {
  const { rows } = await sql<{ lead_id: string; listed: boolean }>`
    select lead_id, listed from dnc_latecomer latecomer
    where release_id = ${release.id} and listed <> exists (
      select 1 from dnc_hit hit where hit.lead_id = latecomer.lead_id and list_id = ${release.list} and freed_by is null
    )`.execute(db);
  const those = (listed: boolean) => rows.filter((row) => row.listed === listed).map(({ lead_id }) => lead_id);
  return { listed: those(true), freed: those(false) };
}
