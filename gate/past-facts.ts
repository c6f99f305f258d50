import { findClearance } from '../db/clearances.ts';
import type { Db } from '../db/connection.ts';
import type { PersonRow } from '../db/gate-facts.ts';
import { reassignedAnswerAt } from '../db/reassigned-answers.ts';

type Latest = Pick<PersonRow, 'reservation' | 'reassigned'>;

/** Of what is read in its latest state only, what there was at a moment: the clearance given by then, the answer of then. */
export async function latestAt(db: Db, row: PersonRow, at: Date): Promise<Latest> {
  const [reservation, reassigned] = await Promise.all([reservationAt(db, row, at), answerAt(db, row, at)]);
  return { reservation, reassigned };
}

async function reservationAt(db: Db, { reservation }: PersonRow, at: Date): Promise<Latest['reservation']> {
  const clearance = reservation && (await findClearance(db, reservation.id));
  return clearance && clearance.at <= at ? reservation : null;
}

async function answerAt(db: Db, { id, reassigned }: PersonRow, at: Date): Promise<Latest['reassigned']> {
  if (id === null || reassigned === null || new Date(reassigned.askedAt) <= at) return reassigned;
  const earlier = await reassignedAnswerAt(db, id, at);
  if (!earlier) return null;
  const { answer, asked_at: askedAt, known_good_at: knownGoodAt } = earlier;
  return { id: earlier.id, answer, askedAt: askedAt.toISOString(), knownGoodAt: knownGoodAt?.toISOString() ?? null };
}
