import { z } from 'zod';
import type { DisposalRow, DisposalStepRow, WithdrawnOrderRow } from '../db/disposals.ts';
import { DISPOSAL_PROBLEMS, DISPOSAL_STORES, STORE_MEANINGS } from '../domain/disposal.ts';
import { answeredInstant, text, uuid } from './fields.ts';

/** Kept in clear when the person is forgotten: it takes nothing by which anybody could be named. */
export const plainReason = text(64).regex(/^[^\d@]*$/, { error: 'is kept in clear for good: leave out digits and @, and name nobody' });

const storeView = z.object({
  store: z.enum(DISPOSAL_STORES),
  state: z.enum(['waits', 'confirmed', 'waived', 'problem']),
  means: z.string().meta({ description: 'How it forgets, and what its confirmation means' }),
  attempts: z.int(),
  triedAt: answeredInstant.nullable(),
  problem: z.enum(DISPOSAL_PROBLEMS).nullable(),
  confirmedAt: answeredInstant.nullable(),
  evidence: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Counts, digests, moments and words; nothing personal' }),
});

export const disposalView = z
  .object({
    id: uuid,
    leadId: uuid,
    state: z.enum(['awaiting_approval', 'withdrawn', 'open', 'complete']),
    ground: z.enum(['retention', 'subject_request', 'order']),
    requestId: uuid.nullable(),
    reason: z.string().nullable(),
    openedBy: z.string(),
    openedAt: answeredInstant,
    approvedBy: z.string().nullable(),
    approvedAt: answeredInstant.nullable(),
    withdrawnBy: z.string().nullable(),
    withdrawnAt: answeredInstant.nullable(),
    attempts: z.int(),
    nextAttemptAt: answeredInstant.nullable(),
    keyDestroyedAt: answeredInstant.nullable().meta({ description: 'From then on nothing of the person can be read' }),
    completedAt: answeredInstant.nullable(),
    waitsFor: z.array(z.enum([...DISPOSAL_STORES, 'second_person', 'hold'])).meta({ description: 'Who has yet to do something; `hold`: nothing goes on while an order not to dispose stands' }),
    stores: z.array(storeView),
    certificate: z.string().nullable().meta({ description: 'Where the signed certificate is; null while it is open' }),
  })
  .meta({ id: 'Disposal' });

export type DisposalAnswer = z.infer<typeof disposalView>;

/** A disposal as it is answered. `isHeld`: an order not to dispose of the lead stands. */
export function viewOfDisposal(row: DisposalRow, steps: readonly DisposalStepRow[], isHeld: boolean): DisposalAnswer {
  const isAsked = row.ground === 'order' && row.approved_at === null && row.completed_at === null;
  const stores = DISPOSAL_STORES.map((store) => storeOf(store, steps.find((step) => step.store === store)));
  const unconfirmed = stores.filter(({ state }) => state !== 'confirmed' && state !== 'waived').map(({ store }) => store);
  // From the destruction of the key on there is nothing left that an order could keep.
  const isStopped = isHeld && row.key_destroyed_at === null;
  const obstacles = [...(isAsked ? ['second_person' as const] : []), ...(isStopped ? ['hold' as const] : [])];
  return {
    id: row.id,
    leadId: row.lead_id,
    state: row.completed_at ? 'complete' : isAsked ? 'awaiting_approval' : 'open',
    ground: row.ground,
    requestId: row.request_id,
    reason: row.reason,
    openedBy: row.opened_by,
    openedAt: row.opened_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: isoOf(row.approved_at),
    withdrawnBy: null,
    withdrawnAt: null,
    attempts: row.attempts,
    nextAttemptAt: isoOf(row.next_attempt_at),
    keyDestroyedAt: isoOf(row.key_destroyed_at),
    completedAt: isoOf(row.completed_at),
    waitsFor: obstacles.length > 0 ? obstacles : unconfirmed,
    stores,
    certificate: row.completed_at ? `/v1/disposals/${row.id}/certificate` : null,
  };
}

/** An order that was taken back: nobody was asked to forget anything. */
export function viewOfWithdrawn({ withdrawn_by: by, withdrawn_at: at, ...order }: WithdrawnOrderRow): DisposalAnswer {
  const never = {
    request_id: null, approved_by: null, approved_at: null, attempts: 0, next_attempt_at: null, key_destroyed_at: null, kek: null,
    verified_at: null, completed_at: null,
  };
  const view = viewOfDisposal({ ...order, ...never, ground: 'order' }, [], false);
  return { ...view, state: 'withdrawn', withdrawnBy: by, withdrawnAt: at.toISOString(), waitsFor: [] };
}

function storeOf(store: DisposalStepRow['store'], step: DisposalStepRow | undefined): DisposalAnswer['stores'][number] {
  const evidence = (step?.evidence ?? null) as Record<string, unknown> | null;
  const confirmed = evidence && 'waivedBy' in evidence ? 'waived' as const : 'confirmed' as const;
  return {
    store,
    state: step?.confirmed_at ? confirmed : step?.problem ? 'problem' : 'waits',
    means: STORE_MEANINGS[store].means,
    attempts: step?.attempts ?? 0,
    triedAt: isoOf(step?.tried_at ?? null),
    problem: step?.problem ?? null,
    confirmedAt: isoOf(step?.confirmed_at ?? null),
    evidence,
  };
}

function isoOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
