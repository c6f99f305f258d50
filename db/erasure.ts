import { randomBytes } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import { asBytes } from './binary.ts';
import { binaryArray } from './binary-array.ts';
import type { Tx } from './connection.ts';
import { named } from './named.ts';

/** What was deleted or emptied of a lead: rows by table, and under which key-encryption key its own key lay. */
export interface Erased {
  /** Null where the key was gone already. */
  kek: number | null;
  rows: Record<string, number>;
}

/** A lead that is erased, and what speaks of it by its pseudonyms. */
interface Erasing {
  tx: Tx;
  ids: readonly string[];
  /** Tokens that no lead has but these. */
  tokens: readonly string[];
  now: Date;
  count: (table: string, rows: readonly { leadId: string }[]) => void;
}

/** As long as a wrapped data key: its nonce, the key, its tag. */
const WRAPPED_KEY = 60;

/**
 * Destroys the data keys of some leads and everything that holds or points to the persons, in this transaction: after the commit
 * a lead is a row of facts about nobody. Answers what was erased, by lead id. The caller holds the locks of the leads and of
 * their tokens. docs/disposal.md says of every column what becomes of it.
 */
export async function eraseLeads(tx: Tx, ids: readonly string[], now: Date): Promise<Map<string, Erased>> {
  const erased = new Map<string, Erased>(ids.map((id) => [id, { kek: null, rows: {} }]));
  const count = (table: string, rows: readonly { leadId: string }[]) => {
    for (const { leadId } of rows) {
      const own = erased.get(leadId);
      if (own) own.rows[table] = (own.rows[table] ?? 0) + 1;
    }
  };
  for (const { leadId, kek } of await destroyKeys(tx, ids)) (erased.get(leadId) as Erased).kek = kek;
  const erasing = { tx, ids, tokens: await unsharedTokens(tx, ids), now, count };
  await erasePseudonyms(erasing);
  await eraseSuppressions(erasing);
  await eraseFacts(erasing);
  await giveUpTokens(tx, ids);
  return erased;
}

/** Overwritten first: whoever reads the row once more, in this transaction or by a replica, reads noise. Then deleted. */
async function destroyKeys(tx: Tx, ids: readonly string[]): Promise<{ leadId: string; kek: number }[]> {
  const noise = ids.map(() => randomBytes(WRAPPED_KEY));
  await sql`
    update keyring.subject_key key set wrapped = noise.bytes
    from unnest(${ids}::uuid[], ${binaryArray('bytea', asBytes, noise)}::bytea[]) noise (lead_id, bytes) where key.lead_id = noise.lead_id`.execute(tx);
  const { rows } = await sql<{ leadId: string; kek: number }>`
    delete from keyring.subject_key where lead_id = any(${ids}::uuid[]) returning lead_id as "leadId", kek`.execute(tx);
  return rows;
}

/** Numbers that share a token with one that stays are left alone: what is known of the token is known of the other as well. */
async function unsharedTokens(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ token: string }>`
    select distinct token::text from lead
    where id = any(${ids}::uuid[]) and token is not null
      and not exists (select 1 from lead other where other.token = lead.token and other.id <> all(${ids}::uuid[]))`.execute(tx);
  return rows.map(({ token }) => token);
}

async function erasePseudonyms({ tx, ids, tokens, count }: Erasing): Promise<void> {
  const { rows: sealed } = await sql<{ leadId: string; emailToken: bigint | null }>`
    delete from personal_data where lead_id = any(${ids}::uuid[]) returning lead_id as "leadId", email_token as "emailToken"`.execute(tx);
  count('personal_data', sealed);
  const { rows: references } = await sql<{ leadId: string; reference: bigint }>`
    delete from external_reference using lead
    where external_reference.token = any(${tokens}::bigint[]) and lead.token = external_reference.token and lead.id = any(${ids}::uuid[])
    returning lead.id as "leadId", reference`.execute(tx);
  count('external_reference', references);
  const names = [
    ...tokens, ...sealed.flatMap(({ emailToken }) => (emailToken === null ? [] : [String(emailToken)])),
    ...references.map(({ reference }) => String(reference)),
  ];
  // An address that somebody else has as well is theirs to be named by.
  await sql`
    delete from waiting_statement where event_id in (
      select event_id from waiting_statement waiting where key = any(${names}::bigint[])
        and not exists (select 1 from personal_data where email_token = waiting.key))`.execute(tx);
  await sql`update subject_request set token = null where lead_id is null and token = any(${tokens}::bigint[])`.execute(tx);
}

/**
 * A refusal that stands outlives its person, and no longer says from which contact it came; one that has ended goes with them.
 */
async function eraseSuppressions({ tx, ids, tokens, now, count }: Erasing): Promise<void> {
  const { rows } = await sql<{ leadId: string }>`
    delete from suppression using lead
    where suppression.token = any(${tokens}::bigint[]) and lifted_at is not null and lead.token = suppression.token and lead.id = any(${ids}::uuid[])
    returning lead.id as "leadId"`.execute(tx);
  count('suppression', rows);
  await sql`
    update suppression set outlived_at = coalesce(outlived_at, ${now}), contact_id = null
    where token = any(${tokens}::bigint[]) and lifted_at is null`.execute(tx);
}

type Ids = RawBuilder<readonly string[]>;

function ofLeads(statement: RawBuilder<unknown>, which: RawBuilder<unknown> = sql`true`) {
  return (ids: Ids) => sql`${statement} where lead_id = any(${ids}::uuid[]) and ${which}`;
}

const FACTS: Record<string, (ids: Ids) => RawBuilder<unknown>> = {
  subject_request: ofLeads(sql`update subject_request set token = null`),
  reservation: ofLeads(sql`delete from reservation`),
  dnc_hit: ofLeads(sql`delete from dnc_hit`),
  archive_bundle: ofLeads(sql`delete from archive_bundle`),
  contact: ofLeads(sql`update contact set reference = null`, sql`reference is not null`),
  clearance: ofLeads(sql`update clearance set person = decode(repeat('00', 32), 'hex')`),
  confirmation_request: ofLeads(sql`update confirmation_request set message_id = null`, sql`message_id is not null`),
  retrieval: ofLeads(sql`update retrieval set reason = ''`),
  legal_hold: ofLeads(sql`update legal_hold set reason = '', release_reason = null`),
  certificate_check: (ids) => sql`
    update certificate_check set answer_digest = null
    where consent_id in (select id from consent_event where lead_id = any(${ids}::uuid[])) and answer_digest is not null`,
};

/** Prepared once for each connection: a batch is small, and most of these find nothing. */
const ERASE_FACTS = Object.entries(FACTS).map(([table, statementFor]) => ({
  table,
  erase: named<{ ids: readonly string[] }, { leadId: string }>(`erase_${table}`, ({ ids }) => sql`
    ${statementFor(ids)} returning lead_id as "leadId"`),
}));

async function eraseFacts({ tx, ids, now, count }: Erasing): Promise<void> {
  count('person_link', await forgetLinks(tx, ids, now));
  for (const { table, erase } of ERASE_FACTS) count(table, await erase(tx, { ids }));
}

/** Of a link that would lead somewhere still, its digest stays: whoever follows it is told that nothing is held any more. */
async function forgetLinks(tx: Tx, ids: readonly string[], now: Date): Promise<{ leadId: string }[]> {
  const { rows } = await sql<{ leadId: string }>`
    with gone as (delete from person_link where lead_id = any(${ids}::uuid[]) returning lead_id, digest, expires_at),
    kept as (
      insert into forgotten_link (digest, ends_at) select digest, expires_at from gone where expires_at > ${now} order by digest on conflict do nothing
    )
    select lead_id as "leadId" from gone`.execute(tx);
  return rows;
}

async function giveUpTokens(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update lead set token = null, collision = 0, zones = '{}', line_type = null, is_company = false, blockers = '{}', contactable_from = null,
      contact_area = null, retrieved_until = null, archive_due_at = null, retain_until = null, held = false
    where id = any(${ids}::uuid[])`.execute(tx);
}

/** What is left of some leads that should have been erased: those ids of which a key or a sealed record is found. */
export async function findRemains(tx: Tx, ids: readonly string[]): Promise<{ leadId: string; keys: number; records: number }[]> {
  const { rows } = await sql<{ leadId: string; keys: bigint; records: bigint }>`
    select asked.id as "leadId", (select count(*) from keyring.subject_key where lead_id = asked.id) as keys,
      (select count(*) from personal_data where lead_id = asked.id) as records
    from unnest(${ids}::uuid[]) asked (id)`.execute(tx);
  return rows.map(({ leadId, keys, records }) => ({ leadId, keys: Number(keys), records: Number(records) }));
}
