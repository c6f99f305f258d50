import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReviewActivities } from '../../activities/review.ts';
import { newId } from '../../db/ids.ts';
import type { Outcome } from '../../domain/contact.ts';
import { createHouse, type House } from '../setup/house.ts';

/** Noon in New York. */
const NOON = new Date('2027-01-13T17:00:00Z');

let house: House;
beforeAll(async () => {
  house = await createHouse();
  const list = { jurisdiction: 'US', name: 'Registry', effect: 'block_unless_consent' as const, created_at: NOON };
  await house.db.insertInto('dnc_list').values({ id: 'us-federal', ...list, release_id: newId(), release_as_of: NOON }).execute();
});
afterAll(() => house.close());

const review = (leadId: string, at = NOON) => createReviewActivities({ db: house.db, now: () => at }).reviewLead(leadId);
const onRecord = (leadId: string) => house.db.selectFrom('lead').selectAll().where('id', '=', leadId).executeTakeFirstOrThrow();
const newLead = async () => (await house.acquire({ acquiredAt: new Date('2027-01-10T00:00:00Z'), receivedAt: new Date('2027-01-10T00:00:00Z') })).leadId;

async function contact(leadId: string, outcome: Outcome, at: Date): Promise<void> {
  await house.db.insertInto('contact').values({
    id: newId(), lead_id: leadId, clearance_id: null, channel: 'call', purpose: 'marketing', campaign: null, seller: null, outcome,
    started_at: at, ended_at: at, received_at: at, caller_id: null, agent: null, reference: null,
  }).execute();
}

describe('the review of a lead', () => {
  it('puts down what stands against a call, from when it is lawful at any hour, and its area', async () => {
    const leadId = await newLead();
    expect(await review(leadId)).toMatchObject({ stage: 'active', blockers: [], cooldownUntil: null, contactableFrom: NOON.toISOString() });
    const lead = await onRecord(leadId);
    expect([lead.blockers, lead.contactable_from, lead.contact_area]).toEqual([[], NOON, `${lead.jurisdictions.toSorted().join()}|${lead.zones.toSorted().join()}|`]);
  });

  it('leaves a lead at its place among those who wait', async () => {
    const leadId = await newLead();
    await review(leadId);
    await review(leadId, new Date('2027-01-15T17:00:00Z'));
    expect((await onRecord(leadId)).contactable_from).toEqual(NOON);
  });

  it('hears of contacts, and keeps the lead for two years after the last', async () => {
    const leadId = await newLead();
    await contact(leadId, 'answered', new Date('2027-01-12T17:00:00Z'));
    const reviewed = await review(leadId);
    expect(reviewed).toMatchObject({ blockers: ['cooldown'], cooldownUntil: '2027-01-19T17:00:00.000Z', contactableFrom: '2027-01-19T17:00:00.000Z' });
    expect(reviewed.why).toContain('Last contacted on 2027-01-12.');
    const lead = await onRecord(leadId);
    expect([lead.blockers, lead.contactable_from]).toEqual([['cooldown'], new Date('2027-01-19T17:00:00Z')]);
    // The law of the United States keeps evidence for five years from its use; our own wish is two.
    expect(lead.retain_until).toEqual(new Date('2032-01-12T17:00:00Z'));
    expect(new Date(reviewed.reviewAt ?? '').getTime()).toBeLessThanOrEqual(new Date('2027-01-19T18:00:00Z').getTime());
  });

  it('takes a lead out of the lists for good when a person opts out', async () => {
    const leadId = await newLead();
    const { token } = await onRecord(leadId);
    await house.db.insertInto('suppression').values({ id: newId(), token: token!, kind: 'opt_out', channel: 'all', reported_at: NOON, received_at: NOON }).execute();
    expect(await review(leadId)).toMatchObject({ stage: 'suppressed', blockers: ['suppressed'], contactableFrom: null });
    const lead = await onRecord(leadId);
    expect([lead.stage, lead.blockers, lead.contactable_from]).toEqual(['suppressed', ['suppressed'], null]);
  });

  it('does not hear of an open clearance', async () => {
    const leadId = await newLead();
    const before = await review(leadId);
    await house.db.insertInto('reservation').values({ lead_id: leadId, clearance_id: newId(), until: new Date('2027-01-13T17:10:00Z') }).execute();
    expect(await review(leadId)).toEqual(before);
  });

  it('fails for good when there is no such lead', async () => {
    await expect(review(newId())).rejects.toMatchObject({ nonRetryable: true, type: 'unknown_lead' });
  });
});
