import { z } from 'zod';
import type { ConsentImport } from '../db/consent-imports.ts';
import { consentImportWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { answeredInstant, uuid } from './fields.ts';

const count = z.int().min(0);

export const consentImportView = z
  .object({
    importId: uuid,
    state: z.enum(['receiving', 'running', 'completed', 'failed']),
    format: z.enum(['csv', 'ndjson']),
    rows: z
      .object({
        total: count.nullable(), read: count, recorded: count, known: count, suppressed: count, refused: count, waiting: count,
      })
      .meta({
        description: 'read = recorded + known + suppressed + refused, always. Known: on record already. Suppressed: withdrawals of numbers that are no leads. ' +
          'Waiting: recorded grants that a withdrawal keeps from taking effect',
      }),
    rowsPerSecond: count,
    remainingSeconds: count.nullable(),
    sha256: z.string(),
    sizeBytes: count,
    duplicateOf: uuid.nullable().meta({ description: 'The import of the same file read in the same way; this one then has no rows' }),
    problem: z.object({ code: z.string(), detail: z.string() }).nullable().meta({ description: 'Why it failed as a whole' }),
    receivedAt: answeredInstant,
    receivedBy: z.string(),
    startedAt: answeredInstant.nullable(),
    finishedAt: answeredInstant.nullable(),
    workflowId: z.string(),
    links: z.object({ self: z.string(), refusals: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'ConsentImport' });

/** An import of consents as it is answered. */
export function viewOfConsentImport({ temporalUi }: ApiContext, row: ConsentImport): z.infer<typeof consentImportView> {
  const { id: importId, state, format, sha256, problem } = row;
  const workflowId = consentImportWorkflowId(importId);
  const self = `/v1/consent-imports/${importId}`;
  const total = row.rows_total === null ? null : Number(row.rows_total);
  return {
    importId, state, format, sha256, problem, workflowId,
    rows: {
      total,
      read: Number(row.rows_read),
      recorded: Number(row.rows_recorded),
      known: Number(row.rows_known),
      suppressed: Number(row.rows_suppressed),
      refused: Number(row.rows_refused),
      waiting: Number(row.rows_waiting),
    },
    rowsPerSecond: row.rows_per_second,
    remainingSeconds: remainingSeconds(row, total),
    sizeBytes: Number(row.size_bytes),
    duplicateOf: row.duplicate_of,
    receivedAt: row.received_at.toISOString(),
    receivedBy: row.received_by,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    links: { self, refusals: `${self}/refusals`, temporal: temporalUi === null ? null : `${temporalUi}/workflows/${encodeURIComponent(workflowId)}` },
  };
}

function remainingSeconds({ state, rows_read, rows_per_second }: ConsentImport, total: number | null): number | null {
  if (state === 'completed' || state === 'failed') return 0;
  return total === null || rows_per_second === 0 ? null : Math.ceil((total - Number(rows_read)) / rows_per_second);
}
