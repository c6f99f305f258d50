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

/** Ends a suppression; reason and evidence are sealed under the key of its lead. Refuses one that is unknown or has ended. */
export async function liftNumber(tx: Tx, vault: Vault, id: string, ground: LiftGround, now: Date): Promise<Suppressed> {
  const found = await findSuppression(tx, id);
  if (!found) throw new DomainError('unknown_suppression', 'Check the id; it was answered when the number was suppressed.');
  await lockToken(tx, found.token);
  const because = newId();
  const isSealed = await sealGround(tx, vault, found.token, because, ground);
  const inClear = isSealed ? null : plainGround(ground);
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

/** Where there is no key to seal under, only what tells of nobody can be kept. */
function plainGround({ reason, evidence: { fileDigest, method, ...personal } }: LiftGround): string {
  const told = Object.entries(personal).find(([, value]) => value !== undefined);
  if (told) throw tooMuch(`/evidence/${told[0]}`, 'cannot be sealed, because the number is no lead; send method and fileDigest only');
  if (reason.length > 64 || /[@\d]/.test(reason)) {
    throw tooMuch('/reason', 'is kept in clear, because the number is no lead; send at most 64 characters without digits and @');
  }
  if (fileDigest !== undefined && !/^[\w:+/=-]+$/.test(fileDigest)) throw tooMuch('/evidence/fileDigest', 'must be a digest');
  return JSON.stringify({ reason, method, fileDigest });
}

function tooMuch(pointer: string, detail: string): DomainError {
  return new DomainError('invalid_request', 'This cannot be kept as it is.', [{ pointer, code: 'not_sealable', detail }]);
}

async function tell(tx: Tx, id: string, now: Date): Promise<Suppressed> {
  const suppression = await findSuppression(tx, id);
  if (!suppression) throw new Error('a suppression is gone');
  const leadIds = await leadIdsOfToken(tx, suppression.token);
  await tellLeads(tx, leadIds, { signal: 'lifecycleChanged', factId: id }, now);
  return { suppression, leadIds };
}
