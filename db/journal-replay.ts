import { sql, type RawBuilder } from 'kysely';
import type { Tx } from './connection.ts';

/** Something of the journal that is to be known again; `row` is what migration 0018 noted of it. */
export interface NotedFact {
  row: object;
  token?: string | null;
}

/** What became of some facts: put back, or impossible because what they speak of is not in the backup. The others were there. */
export interface PutBack {
  put: number;
  impossible: number;
}

/** The way by which facts that are put back came in, and the reason of holds: their own are free text, which no journal holds. */
const VIA = 'journal';

const facts = (given: readonly NotedFact[], table: string) =>
  sql`jsonb_array_elements(${JSON.stringify(given)}::jsonb) noted, jsonb_populate_record(null::${sql.table(table)}, noted -> 'row') fact`;
const leadIsThere = sql<boolean>`exists (select 1 from lead where lead.id = fact.lead_id)`;

async function counted(tx: Tx, statement: RawBuilder<{ put: bigint; impossible: bigint }>): Promise<PutBack> {
  const { rows: [row] } = await statement.execute(tx);
  return { put: Number(row?.put ?? 0n), impossible: Number(row?.impossible ?? 0n) };
}

/** Facts that were rows of their own, by kind. Those that are there already stay as they are. */
export const PUT_BACK = {
  suppression: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with added as (
      insert into suppression (id, token, kind, channel, reported_at, received_at, lifted_at, contact_id, import_id, outlived_at, via)
      select fact.id, fact.token, fact.kind, fact.channel, fact.reported_at, fact.received_at, fact.lifted_at, fact.contact_id, fact.import_id,
        fact.outlived_at, ${VIA} from ${facts(given, 'suppression')}
      on conflict (id) do nothing returning id)
    select count(*) as put, 0::bigint as impossible from added`),

  // Of a lead that is gone nothing can be withdrawn any more: what it said then stands against its number.
  withdrawal: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with added as (
      insert into consent_event (id, lead_id, acquisition_id, kind, channel, purpose, grade, effect, happened_at, received_at, expires_at,
        confirmation, origin, own_act, via)
      select fact.id, fact.lead_id, fact.acquisition_id, fact.kind, fact.channel, fact.purpose, fact.grade, fact.effect, fact.happened_at,
        fact.received_at, fact.expires_at, fact.confirmation, fact.origin, coalesce(fact.own_act, false), ${VIA}
      from ${facts(given, 'consent_event')} where ${leadIsThere}
      on conflict (id) do nothing returning id),
    standing as (
      insert into suppression (id, token, kind, channel, reported_at, received_at, via)
      select fact.id, (noted ->> 'token')::bigint, 'opt_out', fact.channel, fact.happened_at, fact.received_at, ${VIA}
      from ${facts(given, 'consent_event')} where fact.kind = 'revoked' and not ${leadIsThere} and noted ->> 'token' is not null
      on conflict (id) do nothing returning id)
    select (select count(*) from added) + (select count(*) from standing) as put,
      (select count(*) from ${facts(given, 'consent_event')} where fact.kind <> 'revoked' and not ${leadIsThere}) as impossible`),

  unclear: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with added as (
      insert into unclear_opt_out (id, lead_id, channel, stated_at, received_at, via)
      select fact.id, fact.lead_id, fact.channel, fact.stated_at, fact.received_at, ${VIA}
      from ${facts(given, 'unclear_opt_out')} where ${leadIsThere}
      on conflict (id) do nothing returning id),
    standing as (
      insert into suppression (id, token, kind, channel, reported_at, received_at, via)
      select fact.id, (noted ->> 'token')::bigint, 'opt_out', fact.channel, fact.stated_at, fact.received_at, ${VIA}
      from ${facts(given, 'unclear_opt_out')} where not ${leadIsThere} and noted ->> 'token' is not null
      on conflict (id) do nothing returning id)
    select (select count(*) from added) + (select count(*) from standing) as put, 0::bigint as impossible`),

  statement: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with added as (
      insert into waiting_statement (id, key, event_id, webhook_source_id, source_id, act, by_message, channels, purpose, happened_at,
        received_at, expires_at)
      select fact.id, fact.key, fact.event_id, fact.webhook_source_id, fact.source_id, fact.act, fact.by_message, fact.channels, fact.purpose,
        fact.happened_at, fact.received_at, fact.expires_at from ${facts(given, 'waiting_statement')}
      on conflict (id) do nothing returning id)
    select count(*) as put, 0::bigint as impossible from added`),

  // What a person who is no lead any more has asked for has to be answered all the same.
  request: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with added as (
      insert into subject_request (id, lead_id, token, kind, via, requested_at, received_at, jurisdictions)
      select fact.id, case when ${leadIsThere} then fact.lead_id end, fact.token, fact.kind, ${VIA}, fact.requested_at, fact.received_at,
        fact.jurisdictions from ${facts(given, 'subject_request')}
      on conflict (id) do nothing returning id)
    select count(*) as put, 0::bigint as impossible from added`),

  hold: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with possible as (
      select fact.* from ${facts(given, 'legal_hold')}
      where (fact.lead_id is null or ${leadIsThere}) and (fact.source_id is null or exists (select 1 from source where source.id = fact.source_id))),
    added as (
      insert into legal_hold (id, kind, lead_id, source_id, campaign, search, reason, until, placed_by, placed_at)
      select id, kind, lead_id, source_id, campaign, nullif(search, 'null'::jsonb), ${VIA}, until, placed_by, placed_at from possible
      on conflict (id) do nothing returning id)
    select (select count(*) from added) as put, ${given.length}::bigint - (select count(*) from possible) as impossible`),
};

/** Facts that changed a row, by kind. A row that has been changed so already, or is not there, stays as it is. */
export const CHANGE_BACK = {
  lift: changes('suppression', 'lifted_at', ['lifted_at', 'lifted_by']),
  outlived: changes('suppression', 'outlived_at', ['outlived_at']),
  erasure: changes('lead', 'erasure_asked_at', ['erasure_asked_at', 'erasure_request_id']),
  hold_released: changes('legal_hold', 'released_at', ['release_asked_by', 'release_asked_at', 'released_by', 'released_at']),
  key_revoked: changes('api_key', 'revoked_at', ['revoked_at']),
  suspended: changes('source', 'suspended_at', ['suspended_at']),
  // Where it was put back as an opt-out, because the lead is gone, that ends.
  unclear_resolved: (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with changed as (
      update unclear_opt_out target set resolved_at = fact.resolved_at, resolved_as = fact.resolved_as, resolved_by = fact.resolved_by
      from ${facts(given, 'unclear_opt_out')} where target.id = fact.id and target.resolved_at is null returning target.id),
    ended as (
      update suppression target set lifted_at = fact.resolved_at, lifted_by = fact.resolved_by
      from ${facts(given, 'unclear_opt_out')}
      where target.id = fact.id and target.lifted_at is null and fact.resolved_as = 'no_opt_out' returning target.id)
    select (select count(*) from changed) + (select count(*) from ended) as put, 0::bigint as impossible`),
};

function changes(table: 'suppression' | 'lead' | 'legal_hold' | 'api_key' | 'source', marker: string, columns: readonly string[]) {
  const set = columns.map((column) => `${column} = fact.${column}`).join(', ');
  return (tx: Tx, given: readonly NotedFact[]) => counted(tx, sql`
    with changed as (
      update ${sql.table(table)} target set ${sql.raw(set)} from ${facts(given, table)}
      where target.id = fact.id and target.${sql.raw(marker)} is null returning target.id)
    select count(*) as put, 0::bigint as impossible from changed`);
}

/** Of persons who are no leads any more, refusals that have ended are not kept. */
export async function dropEndedRefusals(tx: Tx): Promise<void> {
  await sql`
    delete from suppression where via = ${VIA} and lifted_at is not null and not exists (select 1 from lead where lead.token = suppression.token)`.execute(tx);
}
