import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createReviewActivities } from '../../activities/review.ts';
import { countDue, dueCounts } from '../../db/retention-horizon.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const NOW = new Date('2027-04-15T12:00:00Z');

let api: RunningApi;
beforeAll(async () => {
  api = await startApi({ now: () => NOW });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const acquire = async (): Promise<string> => {
  const { json: { leadId } } = await api.call('POST', '/v1/leads', { body: leadBody() });
  await createReviewActivities({ db: api.db, now: () => NOW }).reviewLead(leadId);
  return leadId;
};
const change = (leadId: string, changes: object) => api.db.updateTable('lead').set(changes).where('id', '=', leadId).execute();
const stretch = (changes: object = {}) => {
  const none = { leads: 0, why: [] };
  return { archive: none, dispose: none, held: none, ...changes };
};

describe('the preview of a change of settings', () => {
  const preview = (changes: object) => {
    const retention = { ...DEFAULT_SETTINGS.retention, ...changes };
    return api.call('POST', '/v1/settings/preview', { as: 'compliance', body: { ...DEFAULT_SETTINGS, retention } });
  };

  it('says how many leads it would archive and destroy, now and within thirty days, beside what is due anyway', async () => {
    const [old, older, held] = [await acquire(), await acquire(), await acquire()];
    await acquire();
    const received = (leadId: string, day: string) =>
      api.db.updateTable('acquisition').set({ received_at: new Date(day), acquired_at: new Date(day) }).where('lead_id', '=', leadId).execute();
    await received(old, '2026-12-20T00:00:00Z');
    await received(older, '2026-10-20T00:00:00Z');
    await received(held, '2026-11-20T00:00:00Z');
    await api.call('POST', '/v1/holds', { body: { lead: held, reason: 'Case 7' } });
    const { status, json } = await preview({ unusedLead: 'P4M' });
    expect([status, json.basis]).toEqual([200, { leads: 4, lookedAt: 4, isExact: true }]);
    expect(json.atOnce).toEqual({
      archive: { current: 0, proposed: 1, margin: 0 }, dispose: { current: 0, proposed: 1, margin: 0 },
    });
    expect(json.within30Days).toEqual({
      archive: { current: 0, proposed: 1, margin: 0 }, dispose: { current: 1, proposed: 2, margin: 0 },
    });
    expect(json.moved).toEqual({ earlier: 4, later: 0 });
    expect((await preview({ unusedLead: 'P9M', archiveAfter: 'P1M' })).json).toMatchObject({
      within30Days: { archive: { current: 0, proposed: 4 }, dispose: { current: 1, proposed: 0 } },
      moved: { earlier: 0, later: 4 },
    });
    const { json: settings } = await api.call('GET', '/v1/settings');
    expect(settings.version).toBe(0);
  });

  it('is refused where the change would be', async () => {
    const looser = { ...DEFAULT_SETTINGS, caps: [{ count: 3, window: 'PT1H' }], cooldown: { ...DEFAULT_SETTINGS.cooldown, refused: 'P1D' } };
    const [previewed, put] = [
      await api.call('POST', '/v1/settings/preview', { body: looser }),
      await api.call('PUT', '/v1/settings', { body: looser, headers: { 'if-match': '"settings-0"' } }),
    ];
    expect([previewed.status, previewed.json.code, previewed.json.errors]).toEqual([put.status, put.json.code, put.json.errors]);
  });

  it('is what the horizon shows once each lead has been reviewed, which is within thirty days, and not before', async () => {
    const DAY_MS = 86_400_000;
    const leads = (await api.db.selectFrom('lead').select(['id', 'next_review_at']).execute());
    for (const { next_review_at: at } of leads) expect(at!.getTime() - NOW.getTime()).toBeLessThanOrEqual(30 * DAY_MS);
    const { json: foreseen } = await preview({ unusedLead: 'P4M' });
    const { headers } = await api.call('GET', '/v1/settings');
    const horizon = async () => {
      const { json: { overdue, months } } = await api.call('GET', '/v1/reports/retention?months=3');
      return { overdue, months };
    };
    const before = await horizon();
    const body = { ...DEFAULT_SETTINGS, retention: { ...DEFAULT_SETTINGS.retention, unusedLead: 'P4M' } };
    const { status } = await api.call('PUT', '/v1/settings', { body, headers: { 'if-match': headers.get('etag') ?? '' } });
    expect(status).toBe(200);
    // The dates on record, and with them the horizon, are those of the last review still; the preview is ahead of them.
    expect(await horizon()).toEqual(before);
    expect((await preview({ unusedLead: 'P4M' })).json.atOnce.dispose.current).toBe(foreseen.atOnce.dispose.proposed);
    for (const { id } of leads) await createReviewActivities({ db: api.db, now: () => NOW }).reviewLead(id);
    const { json: { overdue } } = await api.call('GET', '/v1/reports/retention?months=3');
    expect(overdue.dispose.leads).toBe(foreseen.atOnce.dispose.proposed);
    const again = (await api.call('GET', '/v1/settings')).headers.get('etag') ?? '';
    await api.call('PUT', '/v1/settings', { body: DEFAULT_SETTINGS, headers: { 'if-match': again } });
  });
});

describe('the horizon', () => {
  it('counts what falls due by month and by the rule behind it', async () => {
    await api.db.updateTable('lead').set({ retain_until: null, archive_due_at: null }).execute();
    const due = async (retain: [string, string], archive: [string, string] | null, changes: object = {}) => {
      await change(await acquire(), {
        retain_until: new Date(retain[0]), retain_rule: retain[1],
        archive_due_at: archive && new Date(archive[0]), archive_rule: archive?.[1] ?? null, ...changes,
      });
    };
    await due(['2027-04-30T23:59:59Z', 'retention.unusedLead'], null);
    await due(['2027-05-01T00:00:00Z', 'retention.unusedLead'], ['2027-06-01T00:00:00Z', 'retention.archiveAfter']);
    await due(['2027-05-02T00:00:00Z', 'evidence_retention US'], ['2027-04-20T00:00:00Z', 'retention.suppressedLead']);
    await due(['2027-05-03T00:00:00Z', 'retention.unusedLead'], ['2027-05-03T00:00:00Z', 'retention.unusedLead'], { held: true });
    await due(['2029-05-03T00:00:00Z', 'evidence_retention DE'], ['2027-02-03T00:00:00Z', 'erasure'], { archived_at: NOW });
    await due(['2027-03-03T00:00:00Z', 'retention.unusedLead'], ['2027-02-03T00:00:00Z', 'retention.archiveAfter']);
    await due(['2027-05-04T00:00:00Z', 'retention.unusedLead'], null, { disposed_at: NOW });
    const { json } = await api.call('GET', '/v1/reports/retention?months=3', { as: 'auditor' });
    const of = (rule: string, jurisdiction: string | null = null, leads = 1) => ({ leads, why: [{ rule, jurisdiction, leads }] });
    expect(json).toEqual({
      at: NOW.toISOString(),
      overdue: stretch({ archive: of('retention.archiveAfter'), dispose: of('retention.unusedLead') }),
      months: [
        { month: '2027-04', ...stretch({ archive: of('retention.suppressedLead'), dispose: of('retention.unusedLead') }) },
        {
          month: '2027-05',
          ...stretch({
            archive: of('retention.unusedLead'), held: of('retention.unusedLead'),
            dispose: { leads: 2, why: [{ rule: 'evidence_retention', jurisdiction: 'US', leads: 1 }, { rule: 'retention.unusedLead', jurisdiction: null, leads: 1 }] },
          }),
        },
        { month: '2027-06', ...stretch() },
      ],
      later: stretch({ dispose: of('evidence_retention', 'DE') }),
    });
  });

  it('is a page with a chart in words and picture, and without script', async () => {
    const { status, text, headers } = await api.call('GET', '/reports/retention?months=3');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(text).toContain('From 2027-04 to 2027-06: 2 leads are archived, 3 destroyed, and 1 kept by an order.');
    expect(text).toContain('<title>2027-05: 1 held</title>');
    expect(text).toContain('<strong>2 were due before this month and have not been seen to.</strong>');
    expect(text).toContain('evidence kept by law (US): 1');
    expect(text).not.toMatch(/<script|http:/);
    await api.db.updateTable('lead').set({ retain_until: null, archive_due_at: null }).execute();
    expect((await api.call('GET', '/reports/retention')).text).toContain('Nothing falls due in the time shown.');
  });

  it('reads two indexes and no row, however many leads there are', async () => {
    await sql`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at, retain_until, archive_due_at, retain_rule, archive_rule)
      select gen_random_uuid(), n, array['US'], now(), ${SOURCE.id}, now(), ${NOW}::timestamptz + n * interval '10 minutes',
        ${NOW}::timestamptz + n * interval '9 minutes', 'retention.unusedLead', 'retention.archiveAfter'
      from generate_series(1, 50000) n`.execute(api.db);
    await sql`insert into acquisition (id, lead_id, source_id, acquired_at, received_at, method)
      select gen_random_uuid(), id, source_id, created_at, created_at, 'form' from lead where archive_rule is not null`.execute(api.db);
    await sql`vacuum analyze lead, acquisition`.execute(api.db);
    const { sql: text } = dueCounts([]).compile(api.db);
    const literal = text.replace(/\$\d/g, `'{2027-04-01}'`);
    const plan = await api.db.transaction().execute(async (tx) => {
      // As if the rows were as wide as they are in use.
      await sql`set local enable_seqscan = off`.execute(tx);
      await sql`set local enable_bitmapscan = off`.execute(tx);
      const { rows } = await sql.raw<{ 'QUERY PLAN': string }>(`explain (costs off) ${literal}`).execute(tx);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    for (const index of ['lead_due', 'lead_archive_due']) expect(plan).toMatch(new RegExp(`Index Only Scan using ${index} `));
    expect(plan).not.toContain('Seq Scan');
    const counts = await countDue(api.db, [NOW, new Date('2100-01-01T00:00:00Z')]);
    expect(counts.map(({ end, leads }) => [end, leads]).sort()).toEqual([['archive', 50_000], ['dispose', 50_000]]);
    const { status, json } = await api.call('POST', '/v1/settings/preview', { body: DEFAULT_SETTINGS });
    expect(status).toBe(200);
    expect(json.basis).toMatchObject({ isExact: false });
    expect(json.basis.lookedAt).toBeLessThanOrEqual(1000);
  });
});
