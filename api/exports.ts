import { z } from 'zod';
import { approveExport, type Export, type ExportKind } from '../db/exports.ts';
import type { Tx } from '../db/connection.ts';
import { DomainError } from '../domain/problem.ts';
import { answeredInstant, uuid } from './fields.ts';

/** How long what a second person agreed to can be fetched. */
const VALID_FOR_MS = 24 * 3_600_000;

/** What every export in bulk says of itself. */
export const exportView = z.object({
  exportId: uuid,
  state: z.enum(['awaiting_approval', 'approved', 'expired']),
  partner: z.string(),
  requestedBy: z.string(),
  requestedAt: answeredInstant,
  approvedBy: z.string().nullable(),
  approvedAt: answeredInstant.nullable(),
  expiresAt: answeredInstant.nullable(),
  handedOutBy: z.string().nullable().meta({ description: 'Who fetched it last' }),
  handedOutAt: answeredInstant.nullable(),
});

export function viewOfExport(row: Export, now: Date): z.infer<typeof exportView> {
  const expiresAt = row.approved_at && new Date(row.approved_at.getTime() + VALID_FOR_MS);
  return {
    exportId: row.id,
    state: !expiresAt ? 'awaiting_approval' : expiresAt > now ? 'approved' : 'expired',
    partner: row.partner,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    handedOutBy: row.handed_out_by,
    handedOutAt: row.handed_out_at?.toISOString() ?? null,
  };
}

/** The export, agreed to by somebody else than asked for it. */
export async function agreeToExport(tx: Tx, kind: ExportKind, found: Export, by: string, now: Date): Promise<Export> {
  if (found.requested_by === by) {
    throw new DomainError('second_person_needed', 'Whoever asked for it cannot be the one who agrees; another key has to.');
  }
  const approved = await approveExport(tx, kind, found.id, by, now);
  if (approved) return approved;
  throw new DomainError('already_settled', 'Somebody has agreed to it already.');
}

/** Refuses to hand out what nobody else has agreed to lately. */
export function requireAgreement(found: Export, now: Date): void {
  if (viewOfExport(found, now).state === 'approved') return;
  throw new DomainError('second_person_needed', 'A second person has to agree to it first, less than a day ago.');
}
