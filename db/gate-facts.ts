import { sql } from 'kysely';
import type { GateAcquisition, LineType, ListState, ReassignedAnswer } from '../domain/clearance.ts';
import type { ConsentEvent } from '../domain/consent.ts';
import type { Contact } from '../domain/contact.ts';
import type { Suppression } from '../domain/lead.ts';
import type { Porting } from '../domain/porting.ts';
import type { Relationship } from '../domain/relationship.ts';
import type { Db } from './connection.ts';
import { named } from './named.ts';

/** Attempts before these count in no window that any law or setting has. */
const CONTACTS_COUNTED = 200;

/** As JSON has it: a moment is a text there. */
type Json<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Json<T[Key]> } : T;

/** A consent event, and which text was agreed to. */
export type ConsentRow = ConsentEvent & { method: string | null; textSourceId: string | null; textVersion: string | null };

/** What is on the books about one token: one row for each lead that has it, one without a lead where none has. */
export interface PersonRow {
  token: bigint;
  id: string | null;
  collision: number | null;
  jurisdictions: string[] | null;
  zones: string[] | null;
  lineType: LineType | null;
  isCompany: boolean | null;
  archivedAt: Date | null;
  disposedAt: Date | null;
  acquisitions: Json<GateAcquisition[]> | null;
  consents: Json<ConsentRow[]> | null;
  suppressions: Json<Suppression[]> | null;
  relationships: Json<Relationship[]> | null;
  contacts: Json<Contact[]> | null;
  /** The latest reservation, which may have ended. */
  reservation: Json<{ id: string; until: Date }> | null;
  hits: { list: string; since: string }[] | null;
  reassigned: Json<ReassignedAnswer> | null;
  portings: Json<Porting[]> | null;
  unclearOptOuts: Json<{ id: string; channel: ConsentEvent['channel']; statedAt: Date }[]> | null;
  /** The same for all: in the first row only. */
  lists: Json<Omit<ListState, 'listedSince'>[]> | null;
  settingsVersion: number | null;
}

/**
 * Everything that decides about some persons, in one statement and so of one moment: by token, and where a lead is named, of
 * that lead alone. A lead id that belongs to another token finds nothing.
 */
export const loadPersons: (db: Db, values: { tokens: string[] }) => Promise<PersonRow[]> = named('gate_persons', ({ tokens }) => sql`
  select asked.token, lead.id, lead.collision, lead.jurisdictions, lead.zones, lead.line_type as "lineType",
    lead.is_company as "isCompany", lead.disposed_at as "disposedAt",
    coalesce(lead.archived_at, lead.erasure_asked_at,
      (select approved_at from disposal where disposal.lead_id = lead.id and ground = 'order')) as "archivedAt",
    (select json_agg(json_build_object('id', acquisition.id, 'sourceKind', source.kind,
        'acquiredAt', acquisition.acquired_at, 'suspendedAt', source.suspended_at) order by acquisition.id)
      from acquisition join source on source.id = acquisition.source_id where acquisition.lead_id = lead.id) as acquisitions,
    (select json_agg(json_build_object('id', id, 'kind', kind, 'channel', channel, 'purpose', purpose, 'grade', grade,
        'effect', effect, 'carried', acquisition_id is not null or origin is not null, 'happenedAt', happened_at, 'receivedAt', received_at,
        'expiresAt', expires_at, 'confirmation', confirmation, 'method', method, 'textSourceId', text_source_id,
        'textVersion', text_version,
        'file', case when origin is not null then json_build_object('path', origin, 'ownAct', own_act) end) order by happened_at, id)
      from consent_event where lead_id = lead.id) as consents,
    (select json_agg(json_build_object('id', id, 'kind', kind, 'channel', channel, 'reportedAt', reported_at,
        'receivedAt', received_at, 'liftedAt', lifted_at) order by id)
      from suppression where suppression.token = asked.token) as suppressions,
    (select json_agg(json_build_object('id', id, 'kind', kind, 'at', at, 'endsAt', ends_at) order by id)
      from relationship where lead_id = lead.id) as relationships,
    (select json_agg(latest.contact) from (
        select json_build_object('id', id, 'channel', channel, 'purpose', purpose, 'seller', seller, 'campaign', campaign,
          'outcome', outcome, 'startedAt', started_at, 'endedAt', ended_at) as contact
        from contact where lead_id = lead.id order by started_at desc limit ${sql.raw(String(CONTACTS_COUNTED))}) latest) as contacts,
    (select json_build_object('id', clearance_id, 'until', until)
      from reservation where lead_id = lead.id) as reservation,
    (select json_agg(json_build_object('list', list_id, 'since', since)) from dnc_hit where lead_id = lead.id and freed_by is null) as hits,
    (select json_build_object('id', id, 'answer', answer, 'askedAt', asked_at, 'knownGoodAt', known_good_at)
      from reassigned_answer where lead_id = lead.id order by asked_at desc, id desc limit 1) as reassigned,
    (select json_agg(json_build_object('id', id, 'at', at, 'lineType', line_type) order by at, id)
      from porting where lead_id = lead.id) as portings,
    (select json_agg(json_build_object('id', id, 'channel', channel, 'statedAt', stated_at) order by id)
      from unclear_opt_out where lead_id = lead.id and resolved_at is null) as "unclearOptOuts",
    case when nth = 1 then (
      select json_agg(json_build_object('list', id, 'jurisdiction', jurisdiction, 'effect', effect, 'release',
        case when release_id is not null then json_build_object('id', release_id, 'asOf', release_as_of) end) order by id)
      from dnc_list) end as lists,
    case when nth = 1 then (select coalesce(max(version), 0) from settings) end as "settingsVersion"
  from unnest(${tokens}::bigint[]) with ordinality as asked (token, nth)
  left join lead on lead.token = asked.token
  order by nth, lead.collision`);

/** The tokens of some leads; ids without a lead are left out, and so are those who gave theirs up. */
export const tokensOfLeads: (db: Db, values: { leadIds: string[] }) => Promise<{ id: string; token: bigint }[]> =
  named('gate_tokens', ({ leadIds }) => sql`select id, token from lead where id = any(${leadIds}::uuid[]) and token is not null`);

/** Keeps everybody else from changing or judging what is known about some persons; the tokens come sorted. */
export const lockPersons: (db: Db, values: { tokens: string[] }) => Promise<object[]> =
  named('gate_lock', ({ tokens }) => sql`select pg_advisory_xact_lock(token) from unnest(${tokens}::bigint[]) as token`);

interface Calls {
  live: bigint;
  abandoned: bigint;
}

/** Calls of a campaign since a moment that a person answered, and those of them that were abandoned. */
export const countLiveCalls: (db: Db, values: { campaign: string; since: Date; until: Date }) => Promise<Calls[]> =
  named('gate_campaign', ({ campaign, since, until }) => sql`
    select count(*) as live, count(*) filter (where outcome = 'abandoned') as abandoned
    from contact
    where campaign = ${campaign} and channel = 'call' and started_at > ${since} and started_at <= ${until}
      and outcome in ('answered', 'abandoned', 'refused', 'opted_out', 'complaint', 'wrong_number', 'converted')`);
