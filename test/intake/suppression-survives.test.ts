import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { insertSuppression, liftSuppression, standingSuppressions } from '../../db/suppressions.ts';
import { openDisposal } from '../../db/disposals.ts';
import { disposer } from '../activities/disposing.ts';
import { acquisition, createHouse, type House } from '../setup/house.ts';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

const STEPS = ['acquire', 'opt_out', 'withdraw', 'lift', 'dispose'] as const;
type Step = (typeof STEPS)[number];

/** What ought to be of one number, said in the plainest way. */
class OneNumber {
  isLead = false;
  hasOptedOut = false;
  /** The person withdrew as a lead, and nothing else says so yet. */
  hasWithdrawn = false;
  isForgotten = false;

  /** Whether an arrival of the number is taken in. */
  get isWelcome(): boolean {
    return this.isLead || !(this.hasOptedOut && this.isForgotten);
  }
}

async function carryOut(step: Step, phone: string, model: OneNumber): Promise<void> {
  const token = house.vault.phoneToken(phone);
  const lead = await house.db.selectFrom('lead').select('id').where('token', '=', token).executeTakeFirst();
  expect(lead !== undefined).toBe(model.isLead);
  switch (step) {
    case 'acquire': {
      const arrives = house.acquire({ phone });
      if (!model.isWelcome) return expect(arrives).rejects.toMatchObject({ code: 'opted_out' });
      expect((await arrives).created).toBe(!model.isLead);
      model.isLead = true;
      return;
    }
    case 'opt_out':
      await house.db.transaction().execute((tx) => insertSuppression(tx, { token, kind: 'opt_out', channel: 'all', reported_at: new Date(), received_at: new Date(), via: null }));
      // Of a number that is no lead any more nobody was forgotten by this one.
      if (!model.hasOptedOut) model.isForgotten = false;
      model.hasOptedOut = true;
      return;
    case 'withdraw':
      if (!lead) return;
      await house.db.insertInto('consent_event').values({
        id: crypto.randomUUID(), lead_id: lead.id, acquisition_id: null, kind: 'revoked', channel: 'all', purpose: 'all', grade: 'express', effect: 'in_force',
        happened_at: new Date(), received_at: new Date(), expires_at: null, confirmation: 'none', text_version: null,
      }).execute();
      model.hasWithdrawn = true;
      return;
    case 'lift':
      await house.db.transaction().execute(async (tx) => {
        for (const { id } of await standingSuppressions(tx, token)) {
          await liftSuppression(tx, id, { lifted_at: new Date(), lifted_because: id, lifted_by: 'key:one', lifted_reason: null });
        }
      });
      Object.assign(model, { hasOptedOut: false, isForgotten: false });
      return;
    case 'dispose': {
      if (!lead) return;
      await house.db.transaction().execute((tx) => openDisposal(tx, { leadId: lead.id, ground: 'subject_request', requestId: null, reason: null, by: 'test' }, new Date()));
      const { disposeLead } = disposer(house, () => new Date(Date.now() + 1_000));
      expect(await disposeLead(lead.id)).toMatchObject({ isDone: true });
      const hasOptedOut = model.hasOptedOut || model.hasWithdrawn;
      Object.assign(model, { isLead: false, hasOptedOut, hasWithdrawn: false, isForgotten: hasOptedOut });
      const standing = await standingSuppressions(house.db, token);
      expect(standing.every(({ outlived_at }) => outlived_at !== null)).toBe(true);
      expect(standing.length > 0).toBe(hasOptedOut);
    }
  }
}

describe('a refusal', () => {
  it('survives whatever order opt-outs, withdrawals, disposals, arrivals and lifts come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { minLength: 3, maxLength: 9 }), async (steps) => {
        const [{ phone }, model] = [acquisition(), new OneNumber()];
        for (const step of ['acquire' as const, ...steps]) await carryOut(step, phone, model);
      }),
      { numRuns: 30 },
    );
  });
});
