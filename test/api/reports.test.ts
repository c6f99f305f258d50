import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createClearancePartitions } from '../../db/clearance-partitions.ts';
import { reportQuery } from '../../db/clearance-reports.ts';
import { startApi, type RunningApi } from './running-api.ts';

const DAY = 86_400_000;
const NOW = new Date();
const HOUR = new Date(Math.floor(NOW.getTime() / 3_600_000) * 3_600_000);

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
  // Ten thousand of the months before, which a report on a day must not look at; then three of the hour that has just ended.
  await createClearancePartitions(api.db);
  await insert(10_000, `timestamptz '${new Date(NOW.getTime() - 30 * DAY).toISOString()}' - nth * interval '5 minutes'`, 'deny', ['call_window'], ['US']);
  const lastHour = `timestamptz '${new Date(HOUR.getTime() - 1_800_000).toISOString()}'`;
  await insert(2, lastHour, 'allow', [], []);
  await insert(1, lastHour, 'deny', ['call_window', 'call_window', 'attempt_cap'], ['US', 'US-FL', 'company']);
  await sql`analyze clearance`.execute(api.db);
});
afterAll(() => api.stop());

const report = (query: string, headers: Record<string, string> = {}) => {
  return api.call('GET', `/v1/reports/clearances${query}`, { as: 'auditor', headers });
};

describe('the report on clearances', () => {
  test('counts those of the last day by decision, reason, jurisdiction and hour', async () => {
    const { json } = await report('');
    expect(json).toMatchObject({
      total: 3,
      decision: [{ key: 'allow', count: 2 }, { key: 'deny', count: 1 }],
      reason: [{ key: 'attempt_cap', count: 1 }, { key: 'call_window', count: 1 }],
      jurisdiction: [{ key: 'US', count: 1 }, { key: 'US-FL', count: 1 }, { key: 'company', count: 1 }],
      hour: [{ key: new Date(HOUR.getTime() - 3_600_000).toISOString().replace('.000Z', 'Z'), count: 3 }],
    });
  });

  test('counts by one of them where asked to', async () => {
    const { json } = await report('?groupBy=reason');
    expect(Object.keys(json).sort()).toEqual(['from', 'reason', 'to', 'total']);
  });

  test('takes its beginning in and leaves its end out', async () => {
    const moment = new Date(HOUR.getTime() - 1_800_000);
    const after = new Date(moment.getTime() + 1).toISOString();
    expect((await report(`?from=${moment.toISOString()}&to=${after}`)).json.total).toBe(3);
    expect((await report(`?from=${after}`)).json.total).toBe(0);
    expect((await report(`?from=${new Date(moment.getTime() - 1_000).toISOString()}&to=${moment.toISOString()}`)).json.total).toBe(0);
  });

  test('is CSV for those who ask for it', async () => {
    const { text, headers } = await report('?groupBy=decision', { accept: 'text/csv' });
    expect(headers.get('content-type')).toContain('text/csv');
    expect(text).toBe('group,key,count\r\ndecision,allow,2\r\ndecision,deny,1\r\n');
  });

  test('reaches over 31 days at most', async () => {
    const from = (days: number) => encodeURIComponent(new Date(NOW.getTime() - days * DAY).toISOString());
    expect((await report(`?from=${from(31)}&to=${from(0)}`)).status).toBe(200);
    expect((await report(`?from=${from(32)}&to=${from(0)}`)).json.code).toBe('invalid_request');
    expect((await report(`?from=${from(0)}&to=${from(1)}`)).json.code).toBe('invalid_request');
  });

  test('reads a range of ids, of the partitions that have them, and nothing else', async () => {
    const query = reportQuery(api.db, { from: new Date(NOW.getTime() - DAY), to: NOW, now: NOW });
    const plan = await api.db.transaction().execute(async (tx) => {
      // As if there were too many to read them all.
      await sql`set local enable_seqscan = off`.execute(tx);
      const { rows } = await tx.executeQuery<{ 'QUERY PLAN': string }>({ ...query, sql: `explain ${query.sql}` });
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).not.toContain('Seq Scan');
    expect(plan).toMatch(/Index Cond: \(\(id >= '[0-9a-f-]+'::uuid\) AND \(id < '[0-9a-f-]+'::uuid\)\)/);
    const later = new Date(Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth() + 2)).toISOString().slice(0, 7).replace('-', '_');
    const { rows } = await sql<{ known: boolean }>`select to_regclass(${`clearance_${later}`}) is not null as known`.execute(api.db);
    expect([rows[0]?.known, plan.includes(`clearance_${later}`)]).toEqual([true, false]);
  });
});

/** Clearances with ids of their moment, as the gate makes them. */
async function insert(count: number, at: string, decision: string, codes: string[], jurisdictions: string[]): Promise<void> {
  await sql`
    insert into clearance (id, at, decision, channel, purpose, seller, dialer_mode, policy_version, settings_version, reason_codes,
      reason_jurisdictions, answer, facts, person, asked_by)
    select (left(t, 8) || '-' || right(t, 4) || '-7' || substr(md5(random()::text), 1, 3) || '-8' || substr(md5(random()::text), 1, 3) || '-'
        || substr(md5(random()::text), 1, 12))::uuid,
      at, ${decision}, 'call', 'marketing', 'acme', 'manual', 'v', 0, ${codes}::text[], ${jurisdictions}::text[], '{}', '{}', '\\x00', 'test'
    from (select nth, ${sql.raw(at)} as at, lpad(to_hex((extract(epoch from ${sql.raw(at)}) * 1000)::bigint), 12, '0') as t
      from generate_series(1, ${count}::int) as nth) moments`.execute(api.db);
}
