import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { measureBackups } from '../../api/backup-metrics.ts';
import { recordBackupWatch } from '../../db/backup-watch.ts';
import { startApi, type RunningApi } from './running-api.ts';

const HOUR_MS = 3_600_000;

let api: RunningApi;
let moment = new Date('2027-04-15T12:00:00Z');
beforeAll(async () => {
  api = await startApi({ now: () => moment });
});
afterAll(() => api.stop());

it('backups are measured by their ages; one past its time, or that nobody looks, is called for once', async () => {
  const { db, now, log } = api.context;
  const measure = measureBackups(api.metrics, { db, now, log });
  const shown = async () => (await measure(), api.metrics.registry.metrics());
  const alarms = () => api.logged.filter((line) => line.includes('nobody looks')).length;
  expect(await shown()).not.toMatch(/leadwarden_backup_age_seconds\{/);
  const ago = (hours: number) => new Date(moment.getTime() - hours * HOUR_MS);
  const watch = { checkedAt: moment, overdue: 0, oldestAt: ago(48), newestAt: ago(1) };
  await recordBackupWatch(db, watch);
  const metrics = await shown();
  expect(metrics).toMatch(/leadwarden_backup_age_seconds\{backup="oldest"\} 172800/);
  expect(metrics).toMatch(/leadwarden_backup_age_seconds\{backup="newest"\} 3600/);
  expect([alarms(), metrics.includes('leadwarden_backups_overdue 0')]).toEqual([0, true]);
  await recordBackupWatch(db, { ...watch, overdue: 2 });
  expect(await shown()).toMatch(/leadwarden_backups_overdue 2/);
  await shown();
  expect(alarms()).toBe(1);
  await recordBackupWatch(db, { ...watch, oldestAt: null, newestAt: null });
  expect(await shown()).not.toMatch(/backup="oldest"/);
  moment = new Date(moment.getTime() + 4 * HOUR_MS);
  await shown();
  expect(alarms()).toBe(2);
});
