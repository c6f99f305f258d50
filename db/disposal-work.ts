import { sql } from 'kysely';
import type { Channel } from '../domain/consent.ts';
import type { DisposalProblem, DisposalStore } from '../domain/disposal.ts';
import type { Db, Tx } from './connection.ts';
import type { DisposalGround } from './ending-schema.ts';
import { holdStands } from './legal-holds.ts';
import { tellRequestsOf } from './subject-requests.ts';
import { publish } from './subscriber-events.ts';

/** A lead whose turn it is to go, as an attempt finds it. */
export interface LeadAtItsEnd {
  leadId: string;
  /** Null once the key is gone. */
  token: bigint | null;
  isHeld: boolean;
  disposedAt: Date | null;
  /** Since when only duties of law keep it, and by which request. */
  erasureAskedAt: Date | null;
  erasureRequestId: string | null;
  /** Its disposal; null where none was opened. An order that nobody has agreed to is none yet. */
  disposal: OpenedDisposal | null;
}

export interface OpenedDisposal {
  id: string;
  ground: DisposalGround;
  requestId: string | null;
  openedBy: string;
  openedAt: Date;
  approvedBy: string | null;
  attempts: number;
  keyDestroyedAt: Date | null;
  kek: number | null;
  completedAt: Date | null;
}

type Row = Omit<LeadAtItsEnd, 'disposal'> & Omit<OpenedDisposal, 'id'> & { id: string | null };

/** The tokens of some leads, sorted, in the order in which everybody takes their locks. */
export async function sortedTokensOf(db: Db, leadIds: readonly string[]): Promise<bigint[]> {
  const { rows } = await sql<{ token: bigint }>`
    select distinct token from lead where id = any(${leadIds}::uuid[]) and token is not null order by token`.execute(db);
  return rows.map(({ token }) => token);
}

/** Some leads with their disposals, locked against everybody who adds to them, by lead id. */
export async function lockAtTheirEnd(tx: Tx, leadIds: readonly string[], at: Date): Promise<Map<string, LeadAtItsEnd>> {
  const { rows } = await sql<Row>`
    select lead.id as "leadId", lead.token, ${holdStands(at)} as "isHeld", lead.disposed_at as "disposedAt",
      lead.erasure_asked_at as "erasureAskedAt", lead.erasure_request_id as "erasureRequestId", disposal.id, ground, request_id as "requestId",
      opened_by as "openedBy", opened_at as "openedAt", approved_by as "approvedBy", attempts, key_destroyed_at as "keyDestroyedAt", kek,
      completed_at as "completedAt"
    from lead left join disposal on disposal.lead_id = lead.id and (ground <> 'order' or approved_at is not null or completed_at is not null)
    where lead.id = any(${leadIds}::uuid[])
    order by lead.id for update of lead`.execute(tx);
  return new Map(rows.map((row) => {
    const { leadId, token, isHeld, disposedAt, erasureAskedAt, erasureRequestId, id, ...rest } = row;
    const disposal = id === null ? null : { id, ...rest };
    return [leadId, { leadId, token, isHeld, disposedAt, erasureAskedAt, erasureRequestId, disposal }];
  }));
}

/** Takes back a disposal whose ground is gone before its key was. */
export async function takeBackDisposals(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from disposal_step where disposal_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from disposal where id = any(${ids}::uuid[]) and key_destroyed_at is null`.execute(tx);
}

/** Counts an attempt at some disposals, and puts down when the next one is, should this one come to nothing. */
export async function countAttempts(tx: Tx, next: readonly { id: string; nextAt: Date }[]): Promise<void> {
  await sql`
    update disposal set attempts = attempts + 1, next_attempt_at = next.at
    from unnest(${next.map(({ id }) => id)}::uuid[], ${next.map(({ nextAt }) => nextAt.toISOString())}::timestamptz[]) next (id, at)
    where disposal.id = next.id`.execute(tx);
}

/** Has receivers of webhooks told that some persons are to be forgotten: of each disposal once. */
export async function tellReceivers(tx: Tx, disposals: readonly { id: string; leadId: string }[], now: Date): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    insert into disposal_step (disposal_id, store)
    select id, 'crm' from unnest(${disposals.map(({ id }) => id)}::uuid[]) id order by id
    on conflict do nothing returning disposal_id as id`.execute(tx);
  const told = new Set(rows.map(({ id }) => id));
  const events = disposals.filter(({ id }) => told.has(id)).map(({ id, leadId }) => {
    return { type: 'lead.disposal-requested' as const, leadId, factId: id, at: now };
  });
  await publish(tx, events, now);
}

/** How receivers of webhooks have taken a disposal. */
export interface Receivers {
  id: string;
  told: number;
  acknowledged: number;
  removed: number;
  /** Still to be delivered, at an endpoint that is in use. */
  waiting: number;
  /** Given up, or its server is gone. */
  silent: number;
  lastAcknowledgedAt: Date | null;
}

/** How the receivers of webhooks have taken some disposals; those of whom nobody was told are among them. */
export async function receiversOf(db: Db, ids: readonly string[]): Promise<Receivers[]> {
  const { rows } = await sql<Record<'told' | 'acknowledged' | 'removed' | 'waiting' | 'silent', bigint> & { id: string; last: Date | null }>`
    select asked.id, count(delivery.state) as told,
      count(*) filter (where delivery.state = 'delivered') as acknowledged,
      count(*) filter (where delivery.state <> 'delivered' and endpoint.state = 'ended') as removed,
      count(*) filter (where delivery.state = 'pending' and endpoint.state in ('active', 'paused')) as waiting,
      count(*) filter (where delivery.state <> 'delivered' and endpoint.state <> 'ended'
        and (delivery.state = 'given_up' or endpoint.state = 'disabled')) as silent,
      max(delivery.settled_at) filter (where delivery.state = 'delivered') as last
    from unnest(${ids}::uuid[]) asked (id)
    left join webhook_delivery delivery on delivery.fact_id = asked.id and delivery.type = 'lead.disposal-requested'
    left join webhook_endpoint endpoint on endpoint.id = delivery.endpoint_id
    group by asked.id`.execute(db);
  return rows.map(({ id, last, ...counts }) => ({
    id,
    lastAcknowledgedAt: last,
    told: Number(counts.told),
    acknowledged: Number(counts.acknowledged),
    removed: Number(counts.removed),
    waiting: Number(counts.waiting),
    silent: Number(counts.silent),
  }));
}

/** What a store did about a disposal. */
export interface StoreReport {
  disposalId: string;
  store: DisposalStore;
  /** Why it has not confirmed; null when it has. */
  problem: DisposalProblem | null;
  /** Counts, digests, moments and words: nothing personal. */
  evidence: object | null;
}

/** Puts down what stores did. What has confirmed keeps its evidence; only something that is found after all undoes it. */
export async function recordSteps(tx: Db, reports: readonly StoreReport[], now: Date): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map(({ disposalId, store, problem, evidence }) => ({ disposal_id: disposalId, store, problem, evidence }));
  await sql`
    insert into disposal_step as step (disposal_id, store, attempts, tried_at, problem, confirmed_at, evidence)
    select disposal_id, store, 1, ${now}, problem, case when problem is null then ${now}::timestamptz end, evidence
    from json_populate_recordset(null::disposal_step, ${JSON.stringify(rows)}::json)
    order by disposal_id, store
    on conflict (disposal_id, store) do update set attempts = step.attempts + 1, tried_at = excluded.tried_at, problem = excluded.problem,
      confirmed_at = excluded.confirmed_at, evidence = coalesce(excluded.evidence, step.evidence)
    where step.confirmed_at is null or excluded.problem is not null`.execute(tx);
}

/** Some disposals end: the lead is disposed of from now on, and this is its certificate. Persons who asked for it are told. */
export async function completeDisposals(
  tx: Tx, done: readonly { id: string; leadId: string; certificate: object }[], now: Date,
): Promise<void> {
  const rows = done.map(({ id, leadId, certificate }) => ({ id, lead_id: leadId, certificate }));
  await sql`
    with ended as (
      update disposal set completed_at = ${now}, verified_at = ${now}, next_attempt_at = null, certificate = done.certificate
      from json_populate_recordset(null::disposal, ${JSON.stringify(rows)}::json) done
      where disposal.id = done.id and disposal.completed_at is null returning disposal.lead_id
    )
    update lead set disposed_at = ${now} from ended where lead.id = ended.lead_id`.execute(tx);
  await tellRequestsOf(tx, done.map(({ id: factId, leadId }) => ({ leadId, factId })), 'the disposal is complete', now);
}

/** What stands in some persons' way already: opt-outs of their numbers, and statements of theirs that nobody has settled. */
export async function standingRefusals(db: Db, leadIds: readonly string[], tokens: readonly bigint[]) {
  const [{ rows: suppressions }, { rows: statements }] = [
    await sql<{ token: bigint; channel: Channel | 'all' }>`
      select token, channel from suppression
      where token = any(${tokens.map(String)}::bigint[]) and lifted_at is null and kind in ('opt_out', 'complaint')`.execute(db),
    await sql<{ leadId: string; channel: Channel | 'all'; statedAt: Date }>`
      select lead_id as "leadId", channel, stated_at as "statedAt" from unclear_opt_out
      where lead_id = any(${leadIds}::uuid[]) and resolved_at is null order by id`.execute(db),
  ];
  return { suppressions, statements };
}

/** From this transaction on the keys of some disposals are gone. */
export async function recordKeysDestroyed(tx: Tx, gone: readonly { id: string; kek: number | null }[], now: Date): Promise<void> {
  await sql`
    update disposal set key_destroyed_at = ${now}, kek = gone.kek
    from unnest(${gone.map(({ id }) => id)}::uuid[], ${gone.map(({ kek }) => kek)}::smallint[]) gone (id, kek)
    where disposal.id = gone.id and key_destroyed_at is null`.execute(tx);
}

/** An object of the archive store that may hold what is known of a lead; the digest is hexadecimal, where it is known. */
interface Bundle {
  leadId: string;
  object: string;
  sha256: string | null;
}

/** What may lie in the archive of some leads. */
export async function bundlesOf(db: Db, leadIds: readonly string[]): Promise<Bundle[]> {
  const { rows } = await sql<Bundle>`
    select lead_id as "leadId", object, encode(sha256, 'hex') as sha256 from archive_bundle where lead_id = any(${leadIds}::uuid[])
    union all
    select lead_id, object, null from archive_stray where lead_id = any(${leadIds}::uuid[])`.execute(db);
  return rows;
}

/** The objects that were removed from the archive for some disposals, by disposal. */
export async function removedBundlesOf(db: Db, disposalIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ id: string; objects: string[] }>`
    select disposal_id as id, evidence -> 'objects' as objects from disposal_step
    where disposal_id = any(${disposalIds}::uuid[]) and store = 'archive' and evidence ? 'objects'`.execute(db);
  return new Map(rows.map(({ id, objects }) => [id, objects]));
}
