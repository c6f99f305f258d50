import { z } from 'zod';
import type { SuppressionImport } from '../db/suppression-imports.ts';
import { CHANNELS } from '../domain/consent.ts';
import { SUPPRESSION_KINDS } from '../domain/lead.ts';
import { SUPPRESSION_FORMATS } from '../intake/suppression/suppression-columns.ts';
import { answeredInstant, uuid } from './fields.ts';

/** Batches follow each other within seconds. What has stood still for so long was broken off with its process. */
const BROKEN_OFF_AFTER_MS = 120_000;

const count = z.int().min(0);

export const suppressionImportView = z
  .object({
    importId: uuid,
    state: z.enum(['running', 'completed', 'failed', 'broken_off']).meta({ description: 'broken_off: send the file again, what was taken of it is known' }),
    kind: z.enum(SUPPRESSION_KINDS),
    channel: z.enum([...CHANNELS, 'all']),
    source: z.string(),
    via: z.string().nullable(),
    format: z.enum(SUPPRESSION_FORMATS),
    rows: z.object({ total: count.nullable(), read: count, taken: count, skipped: count, refused: count }).meta({
      description: 'read = taken + skipped + refused, always. Skipped: says that nobody opted out, or has no number. What can be read of a refused row counts all the same',
    }),
    numbers: z.object({ suppressed: count, known: count }).meta({ description: 'Known: was suppressed before, or stands in the file more than once' }),
    leadsTold: count.meta({ description: 'Leads on the books whose workflows hear of it' }),
    rowsPerSecond: count,
    sha256: z.string(),
    sizeBytes: count,
    problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
    receivedAt: answeredInstant,
    finishedAt: answeredInstant.nullable(),
    links: z.object({ self: z.string(), refusals: z.string() }),
  })
  .meta({ id: 'SuppressionImport' });

/** An import as it is shown at a moment. */
export function viewOfSuppressions(row: SuppressionImport, now: Date): z.infer<typeof suppressionImportView> {
  const self = `/v1/suppressions/imports/${row.id}`;
  return {
    importId: row.id,
    state: stateOf(row, now),
    kind: row.kind,
    channel: row.channel,
    source: row.source,
    via: row.via,
    format: SUPPRESSION_FORMATS.find((format) => format === row.format) ?? 'csv',
    rows: {
      total: row.rows_total === null ? null : Number(row.rows_total),
      read: Number(row.rows_read),
      taken: Number(row.rows_taken),
      skipped: Number(row.rows_skipped),
      refused: Number(row.rows_refused),
    },
    numbers: { suppressed: Number(row.numbers_suppressed), known: Number(row.numbers_known) },
    leadsTold: Number(row.leads_told),
    rowsPerSecond: row.rows_per_second,
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
    problem: row.problem,
    receivedAt: row.received_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    links: { self, refusals: `${self}/refusals` },
  };
}

function stateOf({ state, touched_at }: SuppressionImport, now: Date): z.infer<typeof suppressionImportView>['state'] {
  return state === 'running' && now.getTime() - touched_at.getTime() > BROKEN_OFF_AFTER_MS ? 'broken_off' : state;
}
