import { sql, type Selectable } from 'kysely';
import type { CertificateOutcome, CertificateReason } from '../domain/certificate.ts';
import type { CertificateCheckTable } from './certificate-schema.ts';
import type { Db, Tx } from './connection.ts';
import { tellLeads } from './outbox.ts';
import { sealForLead } from './person-records.ts';
import type { Vault } from './vault.ts';

export type CertificateCheck = Selectable<CertificateCheckTable>;

/** A check that is to be made. */
export type NewCertificateCheck = Pick<CertificateCheck, 'id' | 'consent_id' | 'lead_id' | 'provider' | 'requested_at' | 'requested_by'>;

/** Puts checks on the books, each with the outbox row that starts its workflow. */
export async function insertChecks(db: Db, checks: readonly NewCertificateCheck[], lane: 0 | 1): Promise<void> {
  if (checks.length === 0) return;
  const column = (name: Exclude<keyof NewCertificateCheck, 'requested_at'>) => checks.map((check) => check[name]);
  await sql`
    with added as (
      insert into certificate_check (id, consent_id, lead_id, provider, requested_at, requested_by)
      select * from unnest(${column('id')}::uuid[], ${column('consent_id')}::uuid[], ${column('lead_id')}::uuid[], ${column('provider')}::text[],
        ${checks.map((check) => check.requested_at.toISOString())}::timestamptz[], ${column('requested_by')}::text[])
      returning id, consent_id, requested_at
    )
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
    select id, 'certificate', 'received', consent_id, ${lane}, requested_at from added`.execute(db);
}

export async function findCheck(db: Db, id: string): Promise<CertificateCheck | null> {
  return (await db.selectFrom('certificate_check').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The checks of a consent, newest first; at most `limit`. */
export async function checksOfConsent(db: Db, consentId: string, limit: number): Promise<CertificateCheck[]> {
  return db.selectFrom('certificate_check').selectAll().where('consent_id', '=', consentId).orderBy('id', 'desc').limit(limit).execute();
}

/** Failed checks that no later check of the same consent has overtaken, after an id; at most `limit`. */
export async function failedChecks(db: Db, after: string | null, limit: number): Promise<CertificateCheck[]> {
  const { rows } = await sql<CertificateCheck>`
    select * from certificate_check failed
    where result = 'failed' and ${after === null ? sql`true` : sql`id > ${after}::uuid`}
      and not exists (
        select 1 from certificate_check later
        where later.consent_id = failed.consent_id and later.id > failed.id and later.result <> 'unverified')
    order by id limit ${limit}`.execute(db);
  return rows;
}

/** What a provider answered. */
export interface CertificateAnswer {
  result: 'verified' | 'failed';
  reason: CertificateReason;
  /** As it came, and how it was asked for. */
  answer: string;
  digest: string;
}

/**
 * Keeps an answer, sealed under the key of the lead, and tells the lead. What is known already stays. Answers the check as it
 * is then.
 */
export async function settleCheck(
  tx: Tx, vault: Vault, check: CertificateCheck, { result, reason, answer, digest }: CertificateAnswer, at: Date,
): Promise<CertificateCheck> {
  const { id, lead_id: leadId, provider } = check;
  const settled = await tx
    .updateTable('certificate_check')
    .set({ result, reason, problem: null, answer_digest: digest, answered_at: at, tried_at: at, ended_at: at, attempts: sql`attempts + 1` })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!settled) return (await findCheck(tx, id)) ?? check;
  await sealForLead(tx, vault, leadId, id, JSON.stringify({ answer }));
  const said = `certificate ${result} by ${provider}`;
  await tellLeads(tx, [leadId], { signal: 'consentChanged', factId: check.consent_id, said }, at);
  return settled;
}

/** Puts down an attempt that brought no answer; `ended` when there will be no other. */
export async function recordAttempt(
  db: Db, id: string, { problem, tried, ended }: { problem: string; tried: boolean; ended: boolean }, at: Date,
): Promise<void> {
  await db
    .updateTable('certificate_check')
    .set({ problem, ...(tried && { attempts: sql<number>`attempts + 1`, tried_at: at }), ...(ended && { ended_at: at }) })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** How a check stands, as its workflow may know it. */
export function outcomeOf({ provider, result, reason, problem }: CertificateCheck): CertificateOutcome {
  return { provider, result, reason: reason as CertificateReason | null, problem };
}
