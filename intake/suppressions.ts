import type { Tx } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { lockToken } from '../db/leads.ts';
import { tellLeads } from '../db/outbox.ts';
import { sealForLead } from '../db/person-records.ts';
import { findSuppression, insertSuppression, leadIdsOfToken, liftSuppression, type SuppressionRow } from '../db/suppressions.ts';
import type { Vault } from '../db/vault.ts';
import type { ConsentEvidence } from '../domain/consent.ts';
import type { Suppression } from '../domain/lead.ts';
import { DomainError } from '../domain/problem.ts';

/** What somebody reported of a number. */
type Report = Pick<Suppression, 'kind' | 'channel' | 'reportedAt'> & { via: string | null };

/** A suppression, and the leads that are to hear of it. */
export interface Suppressed {
  suppression: SuppressionRow;
  leadIds: string[];
}

/** Suppresses a number, whether or not it is a lead. */
export async function suppressNumber(
  tx: Tx, token: bigint, { kind, channel, reportedAt, via }: Report, now: Date,
): Promise<Suppressed> {
  await lockToken(tx, token);
  const id = await insertSuppression(tx, { token, kind, channel, reported_at: reportedAt, received_at: now, via });
  return tell(tx, id, now);
}

/** Why a suppression may end, and who says so. */
export interface LiftGround {
  reason: string;
  evidence: ConsentEvidence;
  by: string;
}

/** Ends a suppression; why is sealed under the key of its lead, if there is one. Refuses one that is unknown or has ended. */
export async function liftNumber(tx: Tx, vault: Vault, id: string, ground: LiftGround, now: Date): Promise<Suppressed> {
  const found = await findSuppression(tx, id);
  if (!found) throw new DomainError('unknown_suppression', 'Check the id; it was answered when the number was suppressed.');
  await lockToken(tx, found.token);
  const because = newId();
  const isSealed = await sealGround(tx, vault, found.token, because, ground);
  const inClear = isSealed ? null : plainGround(vault, ground);
  const lift = { lifted_at: now, lifted_because: because, lifted_by: ground.by, lifted_reason: inClear };
  if (await liftSuppression(tx, id, lift)) return tell(tx, id, now);
  throw new DomainError('already_settled', 'The suppression has ended already.');
}

async function sealGround(
  tx: Tx, vault: Vault, token: bigint, because: string, { reason, evidence }: LiftGround,
): Promise<boolean> {
  for (const leadId of await leadIdsOfToken(tx, token)) {
    if (await sealForLead(tx, vault, leadId, because, JSON.stringify({ reason, evidence }))) return true;
  }
  return false;
}

/**
 * Where there is no key to seal under, what tells of nobody is kept in clear, and of everything else a digest: whoever has the
 * letter can show that it was this one, and nobody can read or guess what it says.
 */
function plainGround(vault: Vault, { reason, evidence }: LiftGround): string {
  const digestOf = (text: string) => `hmac-sha256:${vault.keyedDigest(`lift ${text}`)}`;
  const told = Object.entries(evidence).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const kept = told.map(([field, text]) => [field, tellsOfNobody(field, text) ? text : digestOf(text)]);
  return JSON.stringify({ reason: isImpersonal(reason) ? reason : digestOf(reason), ...Object.fromEntries(kept) });
}

function tellsOfNobody(field: string, text: string): boolean {
  return field === 'fileDigest' ? /^[\w:+/=-]+$/.test(text) : field === 'method';
}

function isImpersonal(reason: string): boolean {
  return reason.length <= 64 && !/[@\d]/.test(reason);
}

async function tell(tx: Tx, id: string, now: Date): Promise<Suppressed> {
  const suppression = await findSuppression(tx, id);
  if (!suppression) throw new Error('a suppression is gone');
  const leadIds = await leadIdsOfToken(tx, suppression.token);
  await tellLeads(tx, leadIds, { signal: 'lifecycleChanged', factId: id }, now);
  return { suppression, leadIds };
}
