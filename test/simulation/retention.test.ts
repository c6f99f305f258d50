import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countDue } from '../../db/retention-horizon.ts';
import { monthsFrom, reportOf } from '../../api/retention-report-bodies.ts';
import { DomainError } from '../../domain/problem.ts';
import { createHouse, type House } from '../setup/house.ts';
import { caretaker, oftenSilent, type Caretaker } from './caretaker.ts';
import { Chance } from './chance.ts';
import { findLeftovers } from './leftovers.ts';
import { inventLife, live } from './lives.ts';
import { foretell, hasRefused, type Expected, type Life, type LifeFact } from './naive-retention.ts';

const DAY = 86_400_000;
const BEGIN = new Date('2027-03-01T00:00:00Z');
const END = new Date('2032-03-01T00:00:00Z');
/**
 * REHEARSAL=10000 npm test -- test/simulation/retention: many more lives than there is time for on every run; with
 * REHEARSAL_FROM=1000 other lives than the first thousand.
 */
const LIVES = Number(process.env.REHEARSAL ?? 60);
const FIRST = Number(process.env.REHEARSAL_FROM ?? 0);
const AT_ONCE = 6;
/** Every so manyth life is looked at by the safety net as well. */
const NETTED = 5;

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

async function together<T>(of: House, count: number, run: (nth: number, look: Caretaker) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const look = caretaker(of);
    for (let nth = next++; nth < count; nth = next++) done[nth] = await run(nth, look);
  }));
  return done;
}

/** What became of a lead beside what was foretold: the same, in the same order, none early and none a day late. */
function differences(
  life: Life, counted: readonly LifeFact[], expected: readonly Expected[], became: readonly Expected[],
): object[] {
  // It lives a day longer than is foretold: what is due on the last day comes by its end, and what is due on the next one may.
  const isLong = became.slice(expected.length).some(({ at }) => at < END) || became.length > expected.length + 1;
  const isSame = !isLong && expected.every(({ what, at }, nth) => {
    const late = (became[nth]?.at.getTime() ?? 0) - at.getTime();
    return became[nth]?.what === what && late >= 0 && late < DAY;
  });
  return isSame ? [] : [{ country: life.country, counted, expected, became }];
}

/** What comes of it when a number is acquired once more. */
async function acquireAgain({ country, phone }: Life, at: Date): Promise<string> {
  try {
    const { created } = await house.acquire({ phone, country, acquiredAt: at, receivedAt: at });
    return created ? 'new' : 'known';
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
}

describe('five years of many lives', () => {
  it('end as an independent model foretells: none early, none a day late, and nothing is left of whoever is gone', async () => {
    const over = new Date(END.getTime() + DAY);
    const archive = oftenSilent(house.archive, new Chance(1));
    const lived = await together({ ...house, archive }, LIVES, async (nth, look) => {
      const life = inventLife(new Chance(7_000 + FIRST + nth), nth, BEGIN);
      const { expected, counted } = foretell(life, END);
      const { leadId, became } = await live({ house, look, isNetted: nth % NETTED === 0 }, life, counted, over);
      const isGone = became.some(({ what }) => what === 'disposed');
      const wrong = differences(life, counted, expected, became);
      return { life, leadId, isGone, ends: expected, wrong, then: hasRefused(counted) ? 'opted_out' : 'new' };
    });
    expect(lived.flatMap(({ wrong }) => wrong).slice(0, 3)).toEqual([]);
    const ends = lived.flatMap((each) => each.ends);
    // The lives are such that everything that can become of a lead becomes of many.
    for (const what of ['archived', 'back', 'disposed'] as const) {
      expect(ends.filter((end) => end.what === what).length).toBeGreaterThan(LIVES / 50);
    }
    const ids = (areGone: boolean) => lived.flatMap(({ leadId, isGone }) => (isGone === areGone ? [leadId] : []));
    const later = new Date(over.getTime() + DAY);
    expect(await findLeftovers(house, { disposed: ids(true), standing: ids(false) }, later)).toEqual([]);
    // Whoever had said no stays refused, and whoever had not is somebody new.
    const gone = lived.filter(({ isGone }) => isGone);
    const returned = await together(house, gone.length, (nth) => acquireAgain(gone[nth]?.life as Life, later));
    expect(returned).toEqual(gone.map(({ then }) => then));
  }, 3 * 3_600_000);
});

describe('the horizon', () => {
  it('is what then happens, month by month, to leads to whom nothing happens', async () => {
    const own = await createHouse();
    const now = new Date('2028-04-10T00:00:00Z');
    const leads = await together(own, 24, async (nth, look) => {
      const { country, phone, facts } = inventLife(new Chance(90 + nth), nth, BEGIN);
      const past = facts.filter(({ at }) => at < now);
      return past.length === 0 ? null : live({ house: own, look, isNetted: false }, { country, phone }, past, now);
    });
    const standing = leads.flatMap((lead) => (lead && !lead.became.some(({ what }) => what === 'disposed') ? [lead.leadId] : []));
    await together(own, standing.length, (nth, look) => look(standing[nth] ?? '', now));
    const months = monthsFrom(now, 40);
    const report = reportOf(await countDue(own.db, months), months, now);
    const told = report.months.map(({ month, archive, dispose }) => [month, archive.leads, dispose.leads]);

    const due = new Map<string, number>();
    await together(own, standing.length, async (nth, look) => {
      const leadId = standing[nth] ?? '';
      const dates = own.db.selectFrom('lead').select(['archive_due_at', 'retain_until', 'next_review_at']).where('id', '=', leadId);
      for (let row = await dates.executeTakeFirstOrThrow(); row.next_review_at && row.next_review_at < (months.at(-1) ?? now);) {
        const before = row;
        const { became, wakesAt } = await look(leadId, row.next_review_at);
        for (const { what } of became) {
          const moment = what === 'archived' ? before.archive_due_at : before.retain_until;
          const key = `${what} ${moment?.toISOString().slice(0, 7)}`;
          due.set(key, (due.get(key) ?? 0) + 1);
        }
        row = wakesAt ? await dates.executeTakeFirstOrThrow() : { ...row, next_review_at: null };
      }
    });
    const happened = report.months.map(({ month }) => [month, due.get(`archived ${month}`) ?? 0, due.get(`disposed ${month}`) ?? 0]);
    expect(told).toEqual(happened);
    expect(told.some(([, archived, disposed]) => Number(archived) + Number(disposed) > 0)).toBe(true);
    await own.close();
  });
});
