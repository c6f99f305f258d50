import { z } from 'zod';
import { findRelease, type Release } from '../db/dnc-releases.ts';
import type { Db } from '../db/connection.ts';
import { DomainError } from '../domain/problem.ts';
import { releaseWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { listId } from './dnc-lists.ts';
import { answeredInstant, uuid } from './fields.ts';

export const releaseState = z.enum(['receiving', 'parsing', 'awaiting_approval', 'in_force', 'superseded', 'failed']);
const count = z.int().min(0).nullable();
const moment = answeredInstant.nullable();

export const releaseParams = z.object({ id: listId, releaseId: uuid.regex(UUID_PATTERN) });

export const releaseView = z
  .object({
    releaseId: uuid,
    list: listId,
    kind: z.enum(['full', 'change']),
    format: z.string(),
    op: z.enum(['add', 'remove']).nullable(),
    areaCodes: z.union([z.array(z.int()), z.literal('in-file')]).nullable(),
    dryRun: z.boolean(),
    state: releaseState,
    asOf: answeredInstant,
    sha256: z.string().meta({ description: 'Of the file as it was received' }),
    sizeBytes: z.int().min(0),
    lines: count.meta({ description: 'Lines that should hold a number' }),
    refused: count.meta({ description: 'Lines that could not be read' }),
    refusals: z.array(z.object({ line: z.int(), code: z.string() })).meta({ description: 'The first hundred of them; never what they say' }),
    numbers: count.meta({ description: 'The size of the list with this release' }),
    foreign: count.meta({ description: 'How many of them are of another country, and without effect' }),
    added: count.meta({ description: 'Numbers that came onto the list' }),
    removed: count.meta({ description: 'Numbers that left it' }),
    root: z.string().nullable().meta({ description: 'The root of the Merkle tree over the whole list' }),
    leaves: count,
    signature: z.object({ kid: z.string(), value: z.string() }).nullable(),
    baseId: uuid.nullable().meta({ description: 'The release in force that it was compared with' }),
    leads: z
      .object({ checked: z.int().min(0), hit: z.int().min(0), freed: z.int().min(0) })
      .nullable()
      .meta({ description: 'Changed numbers that were looked up among the leads, and leads that are listed since, or no longer' }),
    receivedAt: answeredInstant,
    receivedBy: z.string(),
    startedAt: moment,
    preparedAt: moment,
    inForceFrom: moment,
    endedAt: moment,
    approvedBy: z.string().nullable(),
    approvedAt: moment,
    abandonedBy: z.string().nullable(),
    decidedBecause: z.string().nullable().meta({ description: 'The reason given on approving or abandoning it' }),
    problem: z.object({ code: z.string(), detail: z.string() }).nullable().meta({ description: 'Why it failed' }),
    phase: z.string().nullable(),
    share: z.number().min(0).max(1).nullable().meta({ description: 'How much of its phase is done' }),
    numbersPerSecond: z.number().min(0),
    remainingSeconds: z.number().min(0).nullable().meta({ description: 'Of its phase; null while there is nothing to tell it by' }),
    timings: z.record(z.string(), z.number()).meta({ description: 'Milliseconds by phase' }),
    workflowId: z.string(),
    links: z.object({ self: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'Release' });

/** The release of a list; refuses one that the list does not have. */
export async function requireRelease(db: Db, list: string, id: string): Promise<Release> {
  const found = await findRelease(db, id);
  if (found?.list === list) return found;
  throw new DomainError('unknown_release', 'Check the ids; GET /v1/dnc/lists/{id}/releases has those of a list.');
}

/** A release as it is answered. */
export function releaseViewOf({ temporalUi }: ApiContext, release: Release): z.infer<typeof releaseView> {
  const { id, progress, number: _, staged: __, ...facts } = release;
  const workflowId = releaseWorkflowId(id);
  const temporal = temporalUi === null ? null : `${temporalUi}/workflows/${encodeURIComponent(workflowId)}`;
  return {
    ...facts,
    releaseId: id,
    asOf: release.asOf.toISOString(),
    receivedAt: release.receivedAt.toISOString(),
    startedAt: iso(release.startedAt),
    preparedAt: iso(release.preparedAt),
    inForceFrom: iso(release.inForceFrom),
    endedAt: iso(release.endedAt),
    approvedAt: iso(release.approvedAt),
    phase: progress?.phase ?? null,
    share: progress?.total ? Math.min(1, progress.done / progress.total) : null,
    // Other phases count bytes or blocks.
    numbersPerSecond: progress?.phase === 'matching' ? progress.perSecond : paceOf(release),
    remainingSeconds: progress ? progress.remainingSeconds : 0,
    workflowId,
    links: { self: `/v1/dnc/lists/${release.list}/releases/${id}`, temporal },
  };
}

/** Of a release that has ended: its lines over all that it took. */
function paceOf({ lines, timings }: Release): number {
  const ms = Object.values(timings).reduce((sum, each) => sum + each, 0);
  return lines === null || ms === 0 ? 0 : Math.round((lines * 1000) / ms);
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
