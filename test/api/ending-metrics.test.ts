import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { measureEndings } from '../../api/ending-metrics.ts';
import { plus } from '../../domain/civil-time.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let ahead = 'PT0S';
const now = () => plus(new Date(), ahead);
beforeAll(async () => {
  api = await startApi({ now });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

it('leads whose end is late are measured by the one that waits longest, and called for once each time', async () => {
  const { db, log } = api.context;
  const measure = measureEndings(api.metrics, { db, now, log });
  const shown = async () => {
    await measure();
    const text = await api.metrics.registry.metrics();
    const of = (end: string) => Number(new RegExp(`leadwarden_ends_oldest_due_seconds\\{end="${end}"\\} ([\\d.]+)`).exec(text)?.[1]);
    return { archive: of('archive'), disposal: of('disposal') };
  };
  const alarms = () => api.logged.filter((line) => line.includes('ends.late')).map((line) => (JSON.parse(line) as { end: string }).end);
  const [first, second] = [await api.call('POST', '/v1/leads', { body: leadBody() }), await api.call('POST', '/v1/leads', { body: leadBody() })];
  expect(await shown()).toEqual({ archive: 0, disposal: 0 });

  const hoursAgo = (hours: number) => plus(new Date(), `PT${hours}H`, -1);
  const due = (leadId: string, column: 'archive_due_at' | 'retain_until', at: Date | null) => {
    return db.updateTable('lead').set({ archive_due_at: null, retain_until: null, [column]: at }).where('id', '=', leadId).execute();
  };
  await due(first.json.leadId, 'archive_due_at', hoursAgo(2));
  await due(second.json.leadId, 'retain_until', hoursAgo(30));
  const { archive, disposal } = await shown();
  expect([Math.round(archive / 3_600), Math.round(disposal / 3_600), alarms()]).toEqual([2, 30, ['disposal']]);
  ahead = 'PT23H';
  await shown();
  await shown();
  expect(alarms()).toEqual(['disposal', 'archive']);
  await due(second.json.leadId, 'retain_until', null);
  await shown();
  await due(second.json.leadId, 'retain_until', hoursAgo(30));
  await shown();
  expect(alarms()).toEqual(['disposal', 'archive', 'disposal']);
});
