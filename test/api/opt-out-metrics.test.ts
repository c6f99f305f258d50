import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OptOutMetrics } from '../../api/opt-out-metrics.ts';
import { createClockedApi } from './clocked-api.ts';
import { leadBody, SOURCE, type RunningApi } from './running-api.ts';

const DAY_MS = 86_400_000;

let api: RunningApi;
let passTime: (ms: number) => void;
let measured: OptOutMetrics;
beforeAll(async () => {
  ({ api, passTime } = await createClockedApi());
  await api.call('POST', '/v1/sources', { body: SOURCE });
  measured = new OptOutMetrics(api.metrics, api.context);
});
afterAll(() => api.stop());

async function figures(): Promise<Record<string, number>> {
  await measured.measure();
  const lines = (await api.metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('leadwarden_'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
}

describe('statements that may be opt-outs', () => {
  it('are counted, and called for once they have waited for longer than the law allows', async () => {
    const { json } = await api.call('POST', '/v1/leads', { body: leadBody() });
    const said = await api.call('POST', `/v1/leads/${json.leadId}/revocations`, { body: { unclear: true, statement: 'well' } });
    const state = (each: string) => `leadwarden_unclear_opt_outs{state="${each}"}`;
    expect(await figures()).toMatchObject({ [state('open')]: 1, [state('overdue')]: 0 });
    passTime(15 * DAY_MS);
    expect(await figures()).toMatchObject({ [state('open')]: 1, [state('overdue')]: 1, leadwarden_unclear_opt_outs_oldest_seconds: 15 * 86_400 });
    await figures();
    expect(api.logged.filter((line) => line.includes('longer than the law allows'))).toHaveLength(1);
    await api.call('POST', `/v1/queues/unclear-opt-outs/${said.json.id}/resolve`, { body: { meaning: 'no_opt_out' } });
    expect(await figures()).toMatchObject({ [state('open')]: 0, [state('overdue')]: 0 });
  });

  it('do not keep the time from receipt to record waiting for anything', async () => {
    measured.recorded(new Date(api.context.now().getTime() - 20));
    expect(await figures()).toMatchObject({ leadwarden_opt_out_recording_seconds_count: 1, 'leadwarden_opt_out_recording_seconds_bucket{le="0.025"}': 1 });
  });
});
