import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { sql } from 'kysely';
import { closeOrigin } from '../../db/closures.ts';
import { newId } from '../../db/ids.ts';
import { insertHold, releaseHold } from '../../db/legal-holds.ts';
import { archivesDue, BEFORE_ALL, disposalDue, heldDue } from '../../db/retention-sweep.ts';
import { RETENTION_SWEEP_WORKFLOW } from '../../workflows/messages.ts';
import { SOURCE, createHouse, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const NOW = new Date('2028-05-01T12:00:00Z');
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

let house: House;
let running: RunningWorker;

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house, () => NOW);
});
afterAll(async () => {
  await running.stop();
  await house.close();
});

let nth = 0;

async function sweep() {
  const workflowId = `${RETENTION_SWEEP_WORKFLOW}/${running.taskQueue}/${++nth}`;
  const options = { taskQueue: running.taskQueue, workflowId, args: [] };
  const handle = await running.client.workflow.start(RETENTION_SWEEP_WORKFLOW, options);
  const totals = await handle.result() as { found: number; poked: number };
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  if (process.env.RECORD_HISTORIES) {
    await writeFile(join(import.meta.dirname, 'histories/retention-sweep.json'), `${historyToJSON(await handle.fetchHistory())}\n`);
  }
  return { ...totals, currentDetails };
}

const waiting = async () => (await house.db.selectFrom('outbox').select(['subject', 'lane', 'signal']).orderBy('id').execute());
const forget = () => house.db.deleteFrom('outbox').execute();

/** A lead as its last review left it. */
async function lead(
  changes: { retain_until?: Date; archive_due_at?: Date; held?: boolean; archived_at?: Date; disposed_at?: Date },
): Promise<string> {
  const { leadId } = await house.acquire();
  const later = new Date('2040-01-01T00:00:00Z');
  const reviewed = { retain_until: later, archive_due_at: later, next_review_at: later, ...changes };
  await house.db.updateTable('lead').set(reviewed).where('id', '=', leadId).execute();
  await forget();
  return leadId;
}

describe('the sweep for leads whose time is over', () => {
  it('pokes those that should have been destroyed or archived, the longest due first, and nobody else', async () => {
    const late = await lead({ retain_until: ago(30) });
    const later = await lead({ retain_until: ago(200) });
    const unarchived = await lead({ archive_due_at: ago(30) });
    // Ends of one day are spread over twenty hours: these have their turn yet, are over already, or held.
    await lead({ retain_until: ago(10), archive_due_at: ago(10) });
    await lead({ retain_until: ago(30), held: true });
    await lead({ retain_until: ago(30), disposed_at: ago(5) });
    await lead({ archive_due_at: ago(30), archived_at: ago(5) });
    const open = await lead({ retain_until: ago(30) });
    const disposal = { id: newId(), lead_id: open, ground: 'retention', opened_by: 'retention', opened_at: ago(29) } as const;
    await house.db.insertInto('disposal').values(disposal).execute();
    const { found, poked, currentDetails } = await sweep();
    expect([found, poked]).toEqual([4, 3]);
    const word = { lane: 1, signal: 'reviewOverdue' };
    expect(await waiting()).toEqual([later, late, unarchived].map((subject) => ({ subject, ...word })));
    expect(currentDetails).toBe([
      '### Nothing is left to look at', '- 4 leads were found whose time was over',
      '- 3 of them are reviewed again; for the others word was waiting, or their disposal tries again by itself',
    ].join('\n'));
    // Word waits for them: they are not told twice.
    expect(await sweep()).toMatchObject({ found: 4, poked: 0 });
    await house.db.deleteFrom('disposal').execute();
    await house.db.updateTable('lead').set({ retain_until: null, archive_due_at: null, next_review_at: null }).execute();
    await forget();
  });

  it('finds those again whose hold was released or is over, once, and leaves those that another order still holds', async () => {
    const heldSince = (hours: number) => lead({ retain_until: ago(hours), held: true });
    const [freed, twice, over] = [await heldSince(1), await heldSince(2), await heldSince(3)];
    const order = (leadId: string, until: Date | null) => house.db.transaction().execute((tx) => {
      return insertHold(tx, { kind: 'lead', leadId }, { reason: 'x', until, by: 'key:x' }, ago(500));
    });
    const [first, second] = [await order(freed, null), await order(twice, null)];
    await Promise.all([order(twice, null), order(over, ago(1))]);
    for (const { id } of [first, second]) await house.db.transaction().execute((tx) => releaseHold(tx, id, 'key:y', ago(1)));
    const asked = { kind: 'erasure', requested_at: ago(600), received_at: ago(600), identified_at: ago(500), state: 'in_progress', via: 'letter' } as const;
    const requests = [over, twice].map((leadId) => ({ id: newId(), lead_id: leadId, jurisdictions: ['US'], ...asked }));
    await house.db.insertInto('subject_request').values(requests).execute();
    expect(await sweep()).toMatchObject({ found: 2, poked: 2 });
    // Whoever waits to be forgotten hears that an order against it has ended; whether another stands the request sees itself.
    const ofRequests = requests.map(({ id }) => id).sort();
    expect((await waiting()).map(({ subject }) => subject)).toEqual([over, freed, ...ofRequests]);
    await house.db.updateTable('subject_request').set({ ended_at: ago(0) }).execute();
    await forget();
    expect(await sweep()).toMatchObject({ found: 0, poked: 0 });
  });

  it('tells the leads of a source that was closed, once', async () => {
    const [one, two] = [await lead({}), await lead({})];
    await house.db.updateTable('lead').set({ archived_at: NOW }).where('id', 'not in', [one, two]).execute();
    const closing = { reason: 'The fair is over', by: 'key:x' };
    await house.db.transaction().execute((tx) => closeOrigin(tx, { sourceId: SOURCE.id }, closing, NOW));
    expect(await sweep()).toMatchObject({ found: 2, poked: 2 });
    expect((await waiting()).map(({ subject }) => subject)).toEqual([one, two].sort());
    await forget();
    expect(await sweep()).toMatchObject({ found: 0, poked: 0 });
    await house.db.updateTable('lead').set({ archived_at: null, archive_due_at: null }).execute();
  });

  it('goes on from page to page, and stops while too many messages wait', async () => {
    await sql`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at, retain_until)
      select gen_random_uuid(), n + 1000, array['US'], now(), ${SOURCE.id}, now(), ${ago(48)}::timestamptz + n * interval '1 second'
      from generate_series(1, 1300) n`.execute(house.db);
    expect(await sweep()).toMatchObject({ found: 1300, poked: 1300 });
    await forget();
    await house.db.deleteFrom('lead').where('token', '<', 3000n).where('token', '>', 1000n).execute();
  });
});

describe('a hundred thousand leads that are due', () => {
  it('are found from indexes alone', async () => {
    await sql`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at, retain_until, archive_due_at, held)
      select gen_random_uuid(), n + 10000, array['US'], now(), ${SOURCE.id}, now(), ${ago(0)}::timestamptz + (n - 50000) * interval '1 minute',
        ${ago(0)}::timestamptz + (n - 50000) * interval '1 minute', n % 50 = 0
      from generate_series(1, 100000) n`.execute(house.db);
    await sql`vacuum analyze lead`.execute(house.db);
    const plans = await Promise.all([
      planOf(disposalDue(BEFORE_ALL, NOW, 500)), planOf(archivesDue(BEFORE_ALL, NOW, 500)), planOf(heldDue(BEFORE_ALL, NOW, 500)),
    ]);
    expect(plans[0]).toMatch(/Index Only Scan using lead_due/);
    expect(plans[1]).toMatch(/Index Only Scan using lead_archive_due/);
    expect(plans[2]).toMatch(/Index( Only)? Scan using lead_held/);
    for (const plan of plans) expect(plan).not.toMatch(/Sort|Seq Scan on lead/);
  });
});

async function planOf(query: ReturnType<typeof disposalDue>): Promise<string> {
  const { sql: text, parameters } = query.compile(house.db);
  const literal = text.replace(/\$(\d+)/g, (_, number) => `'${wordOf(parameters[Number(number) - 1])}'`);
  const { rows } = await sql.raw<{ 'QUERY PLAN': string }>(`explain (costs off) ${literal}`).execute(house.db);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

function wordOf(parameter: unknown): string {
  return parameter instanceof Date ? parameter.toISOString() : String(parameter);
}
