import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import { tellClosed } from '../db/closures.ts';
import { tellFreed } from '../db/legal-holds.ts';
import { outboxBacklog } from '../db/outbox.ts';
import {
  archivesDue, BEFORE_ALL, disposalDue, endedHolds, findDue, heldDue, pokeDue, settleHolds, type DuePage, type DuePlace,
} from '../db/retention-sweep.ts';
import { plus } from '../domain/civil-time.ts';
import type { SweepPart, SweepPlace } from '../domain/sweep-card.ts';

/** Ends of one day spread over twenty hours by themselves; what is later than that was missed. */
const MISSED_AFTER = 'PT20H15M';
const BATCH = 5_000;
/** Batches after which the workflow hears how far it has come. */
const BATCHES_A_PART = 10;
/** How long it rests after a batch, as a part of what that took: whoever asks the gate wants the processor and the disk too. */
const REST = 1;
/** Messages that may wait in the bulk lane: what is added goes out no faster than it takes them. */
const MOST_WAITING = 20_000;
/** Phases that go by the moments at which leads were due. */
type DatedPhase = Exclude<SweepPlace['phase'], 'closed'>;
/** The last phase: how far it has come is kept with what was closed. */
const CLOSED: SweepPlace = { phase: 'closed', after: null };

/** The safety net under the ends of leads: finds those whose time is over and who were missed, in the order they were due. */
export function createRetentionSweepActivities({ db, now }: { db: Db; now: () => Date }) {
  return {
    /** Goes on from a place, and answers how far it has come; a part that was cut off goes on from its last heartbeat. */
    async sweepRetention(from: SweepPlace): Promise<SweepPart> {
      const context = Context.current();
      const resumed = context.info.heartbeatDetails as SweepPart | undefined;
      let part: SweepPart = resumed ?? { place: from, found: 0, poked: 0, isCrowded: false };
      for (let count = 0; part.place && count < BATCHES_A_PART; count += 1) {
        if ((await outboxBacklog(db, MOST_WAITING)).bulk >= MOST_WAITING) return { ...part, isCrowded: true };
        const start = performance.now();
        part = await sweepBatch(db, part, part.place, now());
        context.heartbeat(part);
        await pause((performance.now() - start) * REST);
      }
      return part;
    },
  };
}

async function sweepBatch(db: Db, part: SweepPart, place: SweepPlace, at: Date): Promise<SweepPart> {
  const { phase } = place;
  if (phase === 'closed') {
    const telling = await tellClosed(db, at, BATCH);
    const { found, told } = telling ?? { found: 0, told: 0 };
    return { place: telling && place, found: part.found + found, poked: part.poked + told, isCrowded: false };
  }
  const { found, due, next, endedNow } = await lookFrom(db, { ...place, phase }, at);
  const poked = await pokeDue(db, due, at);
  if (endedNow) {
    await tellFreed(db, endedNow, at);
    await settleHolds(db, endedNow, at);
  }
  return { place: next, found: part.found + found, poked: part.poked + poked, isCrowded: false };
}

interface Look {
  found: number;
  due: string[];
  /** Where to go on; null at the end. */
  next: SweepPlace | null;
  /** Orders whose leads have all been looked at. */
  endedNow?: string[];
}

/** Held leads are looked at only when an order has ended since they were last. */
async function lookFrom(db: Db, place: SweepPlace & { phase: DatedPhase }, at: Date): Promise<Look> {
  const after = place.after === null ? BEFORE_ALL : { at: new Date(place.after.at), id: place.after.id };
  const missed = plus(at, MISSED_AFTER, -1);
  switch (place.phase) {
    case 'dispose': return lookOf(await findDue(db, disposalDue(after, missed, BATCH)), place, 'archive');
    case 'archive': return lookOf(await findDue(db, archivesDue(after, missed, BATCH)), place, 'freed');
    case 'freed': {
      const holds = place.holds ?? (await endedHolds(db, at));
      if (holds.length === 0) return { found: 0, due: [], next: CLOSED };
      const { free, found, last } = await findDue(db, heldDue(after, at, BATCH));
      const freed = { found: free.length, due: free };
      if (!last || found < BATCH) return { ...freed, next: CLOSED, endedNow: holds };
      return { ...freed, next: { phase: 'freed', after: placeOf(last), holds } };
    }
  }
}

function lookOf({ found, free, last }: DuePage, { phase }: SweepPlace, then: SweepPlace['phase']): Look {
  return { found, due: free, next: last && found === BATCH ? { phase, after: placeOf(last) } : { phase: then, after: null } };
}

function placeOf({ at, id }: DuePlace): SweepPlace['after'] {
  return { at: at.toISOString(), id };
}
