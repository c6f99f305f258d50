import type { BatchCounts } from '../../db/import-batches.ts';
import type { RefusedAcquisition } from '../../db/refused-acquisitions.ts';
import type { LeadPlacing, PlacedLead } from '../../db/lead-placing.ts';
import { placingOf, type Acquisition } from '../acquisition.ts';
import type { AcquisitionPlan } from '../acquisition-plan.ts';
import type { Batch } from './batches.ts';
import type { Surroundings } from './batch-lookup.ts';
import { problem, refuseRow, type RowRefusal } from './refusal.ts';

/** Decides row by row what becomes of a batch, and counts it. */
export class BatchPlan {
  readonly counts: BatchCounts = { created: 0, merged: 0, refused: 0, suppressed: 0 };
  readonly refusals: RowRefusal[];
  /** Arrivals of people who had opted out and were forgotten, by their place in the batch. */
  readonly refused = new Map<number, RefusedAcquisition>();
  /** What rows add to leads that are there already. */
  readonly placings: PlacedLead[] = [];
  readonly #rows: AcquisitionPlan;
  readonly #batch: Batch;
  readonly #surroundings: Surroundings;
  readonly #moments: Map<string, Set<number>>;
  #next = 0;

  constructor(rows: AcquisitionPlan, batch: Batch, surroundings: Surroundings) {
    this.#rows = rows;
    this.#batch = batch;
    this.#surroundings = surroundings;
    this.#moments = surroundings.moments;
    this.refusals = [...batch.refusals];
    this.counts.refused = batch.refusals.length;
  }

  /** Plans so many rows more; false when there are none left. */
  advance(rows: number): boolean {
    const { acquisitions, tokens } = this.#batch;
    if (this.#next >= acquisitions.length) return false;
    const end = Math.min(this.#next + rows, acquisitions.length);
    for (; this.#next < end; this.#next += 1) this.#plan(acquisitions[this.#next] as Acquisition, tokens[this.#next] as bigint);
    return true;
  }

  #plan(acquisition: Acquisition, token: bigint): void {
    const { suppressed } = this.#surroundings;
    const lead = this.#rows.leadOf(acquisition.phone);
    if (!lead && suppressed.get(token)?.isOutlived) return this.#refuse(acquisition, token);
    if (suppressed.has(token)) this.counts.suppressed += 1;
    if (!lead) {
      const { leadId } = this.#rows.add(acquisition, token);
      this.#moments.set(leadId, new Set([acquisition.acquiredAt.getTime()]));
      this.counts.created += 1;
      return;
    }
    this.counts.merged += 1;
    if (!this.#isNewMoment(lead.id, acquisition)) return;
    this.#rows.add(acquisition, token);
    const placing = placingOf(acquisition);
    if (addsTo(lead, placing)) this.placings.push([lead.id, placing]);
  }

  /** The same person at the same time from the same source is the same row again, and no further acquisition. */
  #isNewMoment(leadId: string, { acquiredAt }: Acquisition): boolean {
    const moments = this.#moments.get(leadId) ?? new Set();
    if (moments.has(acquiredAt.getTime())) return false;
    this.#moments.set(leadId, moments.add(acquiredAt.getTime()));
    return true;
  }

  #refuse({ source, acquiredAt, receivedAt }: Acquisition, token: bigint): void {
    this.refused.set(this.#next, { token, source_id: source.id, acquired_at: acquiredAt, received_at: receivedAt });
    this.counts.refused += 1;
    this.refusals.push(refuseRow(this.#batch.rowNumbers[this.#next] ?? 0, [problem('opted_out', '')]));
  }
}

/** A line type always counts, as an earlier row of the batch may have told another one. */
function addsTo(lead: LeadPlacing, placing: LeadPlacing): boolean {
  return placing.lineType !== null || (placing.isCompany && !lead.isCompany)
    || placing.jurisdictions.some((one) => !lead.jurisdictions.includes(one))
    || placing.zones.some((one) => !lead.zones.includes(one));
}
