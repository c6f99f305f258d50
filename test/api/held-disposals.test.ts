import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createReviewActivities } from '../../activities/review.ts';
import { pokeOverdueDisposals } from '../../db/disposals.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const DAY = 86_400_000;

let api: RunningApi;
let moment = new Date();
let leadId: string;
let campaign: string;
beforeAll(async () => {
  api = await startApi({ now: () => moment });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

/** A disposal that two persons agreed to and an order by campaign stops, as the lead's last review saw it. */
beforeEach(async () => {
  campaign = `c-${randomUUID().slice(0, 8)}`;
  leadId = (await api.call('POST', '/v1/leads', { body: leadBody({ campaign }) })).json.leadId;
  const { json: { id } } = await api.call('POST', `/v1/leads/${leadId}/disposals`, { as: 'compliance', body: { reason: 'acquired in error' } });
  await api.call('POST', `/v1/disposals/${id}/approve`, { as: 'admin' });
});

const place = async (until?: Date) => {
  const body = { campaign, reason: 'Case 7/2026', ...(until ? { until: until.toISOString() } : {}) };
  const { json: { holdId } } = await api.call('POST', '/v1/holds', { as: 'compliance', body });
  expect((await createReviewActivities(api.context).reviewLead(leadId)).hold).toBe('keeps');
  await api.db.deleteFrom('outbox').where('subject', '=', leadId).execute();
  return holdId as string;
};
const told = async () => (await api.db.selectFrom('outbox').select('said').where('subject', '=', leadId).execute()).map(({ said }) => said);

describe('a disposal that an order about many leads stops', () => {
  it('is gone on with as soon as two persons have released the order', async () => {
    const holdId = await place();
    await api.call('POST', `/v1/holds/${holdId}/release`, { as: 'compliance', body: { reason: 'over' } });
    expect(await told()).toEqual([]);
    await api.call('POST', `/v1/holds/${holdId}/release/approve`, { as: 'admin' });
    expect(await told()).toEqual(['a hold has ended']);
  });

  it('is found by the reconciliation once the order is over, and not before', async () => {
    await place(new Date(moment.getTime() + DAY));
    await api.db.updateTable('disposal').set({ next_attempt_at: moment }).where('lead_id', '=', leadId).execute();
    const poke = async () => {
      await pokeOverdueDisposals(api.db, moment, moment, 100);
      return told();
    };
    moment = new Date(moment.getTime() + DAY - 1);
    expect(await poke()).toEqual([]);
    moment = new Date(moment.getTime() + 1_001);
    expect(await poke()).toEqual([null]);
  });
});
