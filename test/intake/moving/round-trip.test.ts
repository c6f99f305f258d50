import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { insertConsentRows } from '../../../db/consents.ts';
import { newId } from '../../../db/ids.ts';
import { CHANNELS, CONSENT_EVENT_KINDS, GRADES, PURPOSES } from '../../../domain/consent.ts';
import { createHouse, type House } from '../../setup/house.ts';
import { bringIn, csvOf, statesOf, takeOut } from './moving.ts';

const RUNS = { seed: 20_261_126, numRuns: 40 };
const START = Date.UTC(2026, 0, 1);
const HOURS = 12;
const hour = (nth: number) => new Date(START + nth * 3_600_000);
/** Every hour at which something can happen, and the half hours between. */
const MOMENTS = Array.from({ length: 2 * HOURS + 4 }, (_, nth) => hour(nth / 2));

let here: House;
let there: House;
beforeAll(async () => {
  [here, there] = await Promise.all([createHouse(), createHouse()]);
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

const path = fc.constantFrom(null, null, 'aaaaaaaa', 'aaaaaaaa/bbbb', 'cccccccc');

const events = fc.array(fc.record({
  kind: fc.constantFrom(...CONSENT_EVENT_KINDS, 'granted' as const, 'granted' as const, 'revoked' as const),
  channel: fc.constantFrom(...CHANNELS.slice(0, 2)),
  purpose: fc.constantFrom(...PURPOSES.slice(0, 3)),
  isWide: fc.boolean(),
  grade: fc.constantFrom(...GRADES),
  at: fc.nat(HOURS),
  lasts: fc.option(fc.integer({ min: 1, max: 6 })),
  confirmation: fc.constantFrom('none' as const, 'none' as const, 'double_opt_in' as const),
  carried: fc.boolean(),
  ownAct: fc.boolean(),
  origin: path,
}), { minLength: 1, maxLength: 14 });

type Told = typeof events extends fc.Arbitrary<infer T> ? T : never;

/** The rows of a ledger: reported here, carried in with acquisitions, and read from files. */
function rowsOf(leadId: string, told: Told) {
  return told.map(({ kind, channel, purpose, isWide, grade, at, lasts, confirmation, carried, ownAct, origin }) => {
    const takesAway = kind === 'revoked' || kind === 'annulled';
    const isGrant = kind === 'granted';
    return {
      id: newId(), lead_id: leadId, kind, grade,
      channel: takesAway && isWide ? ('all' as const) : channel,
      purpose: takesAway && isWide ? ('all' as const) : purpose,
      acquisition_id: isGrant && carried && origin === null ? newId() : null,
      effect: 'in_force' as const,
      happened_at: hour(at),
      received_at: hour(at),
      expires_at: isGrant && lasts !== null ? hour(at + lasts) : null,
      confirmation: isGrant ? confirmation : ('none' as const),
      text_version: null,
      origin,
      own_act: isGrant && origin !== null && ownAct,
    };
  });
}

let next = 0;

/** The same lead in both stores, with a ledger in the first. */
async function twins(told: Told): Promise<{ phone: string; here: string; there: string }> {
  const phone = `+1415555${String(2000 + (next += 1))}`;
  const [one, other] = [await here.acquire({ phone }), await there.acquire({ phone })];
  await here.db.transaction().execute((tx) => insertConsentRows(tx, rowsOf(one.leadId, told), new Date()));
  return { phone, here: one.leadId, there: other.leadId };
}

async function exportOf(phone: string) {
  return (await takeOut(here)).filter((each) => each.phone === phone);
}

describe('consents that move to another store', () => {
  it('stand there at every moment as they stood here, whatever the order of their rows; sent again they change nothing', async () => {
    await fc.assert(fc.asyncProperty(events, fc.integer(), async (told, seed) => {
      const lead = await twins(told);
      const exported = await exportOf(lead.phone);
      expect(exported).toHaveLength(told.length);
      const keyed = exported.map((row, nth) => ({ row, key: Math.sin(seed + nth * 7_919) }));
      const shuffled = keyed.sort((one, other) => one.key - other.key).map(({ row }) => row);
      const file = await bringIn(there, csvOf(shuffled));
      expect([file.state, file.rows_refused]).toEqual(['completed', 0n]);
      const wanted = await statesOf(here, lead.here, MOMENTS);
      expect(await statesOf(there, lead.there, MOMENTS)).toEqual(wanted);

      const again = await bringIn(there, csvOf([...exported, ...shuffled]));
      expect([again.rows_recorded, again.rows_known]).toEqual([0n, BigInt(2 * told.length)]);
      const back = await bringIn(here, csvOf(shuffled));
      expect(back.rows_recorded).toBe(0n);
      expect(await statesOf(here, lead.here, MOMENTS)).toEqual(wanted);
    }), RUNS);
  });

  it('and on to a third one, which knows both files, still stand as they stood', async () => {
    await fc.assert(fc.asyncProperty(events, async (told) => {
      const lead = await twins(told);
      await bringIn(there, csvOf(await exportOf(lead.phone)));
      const twice = (await takeOut(there)).filter(({ phone }) => phone === lead.phone);
      const phone = `+1503555${String(2000 + (next += 1))}`;
      const { leadId } = await here.acquire({ phone });
      const file = await bringIn(here, csvOf(twice.map((row) => ({ ...row, phone }))));
      expect(file.rows_refused).toBe(0n);
      expect(await statesOf(here, leadId, MOMENTS)).toEqual(await statesOf(here, lead.here, MOMENTS));
    }), { ...RUNS, numRuns: 15 });
  });

  it('of a person whose data is gone do not leave', async () => {
    const lead = await twins([{ kind: 'granted', channel: 'call', purpose: 'marketing', isWide: false, grade: 'express', at: 1, lasts: null, confirmation: 'none', carried: false, ownAct: false, origin: null }]);
    expect(await exportOf(lead.phone)).toHaveLength(1);
    await here.db.deleteFrom('keyring.subject_key').where('lead_id', '=', lead.here).execute();
    expect(await exportOf(lead.phone)).toEqual([]);
  });
});

describe('files of consents', () => {
  it('in no sequence make a person contactable who has opted out here', async () => {
    const files = fc.array(events, { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(files, fc.nat(HOURS), fc.boolean(), async (sequence, saidAt, isWide) => {
      const lead = await twins([{ ...OPTED_OUT, at: saidAt, isWide }]);
      for (const told of sequence) {
        const rows = rowsOf(lead.here, told).map(({ kind, channel, purpose, grade, confirmation, origin, ...event }) => ({
          phone: lead.phone, kind, channel, purpose, grade,
          at: event.happened_at.toISOString(),
          expiresAt: event.expires_at?.toISOString() ?? '',
          confirmation: kind === 'granted' ? confirmation : '',
          act: event.own_act ? 'own' : 'carried',
          file: origin ?? '',
        }));
        expect((await bringIn(here, csvOf(rows))).rows_refused).toBe(0n);
      }
      const states = await statesOf(here, lead.here, MOMENTS.filter((at) => at >= hour(saidAt)));
      const scope = isWide ? states : states.filter((state) => state.includes(' call marketing'));
      expect(scope.filter((state) => / (granted|unconfirmed) /.test(state))).toEqual([]);
    }), { ...RUNS, numRuns: 60 });
  });
});

const OPTED_OUT = {
  kind: 'revoked', channel: 'call', purpose: 'marketing', isWide: false, grade: 'implied', at: 0, lasts: null, confirmation: 'none',
  carried: false, ownAct: false, origin: null,
} as const;
