import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sql } from 'kysely';
import { createArchiveActivities } from '../../activities/archive.ts';
import { createReconciliationActivities } from '../../activities/reconciliation.ts';
import { plus } from '../../domain/civil-time.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { killWithin } from '../setup/kill-within.ts';
import { hotRows, placeOf, quietLead } from './archive-house.ts';

const CHILD = join(import.meta.dirname, 'archive-child.ts');
/** Two processes are at work on the same leads, and are killed one after the other. */
const ROUNDS = 15;
const LEADS = 8;
/** A child tells of so many steps until every lead went and came back, so that it dies in every step of that. */
const STEPS = 2 * LEADS;

let house: House;
let children: ChildProcess[] = [];
beforeAll(async () => {
  house = await createHouse();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await house.close();
});

describe('processes that are killed at thirty moments of archive and return', () => {
  it('leave every lead in exactly one state, lose nothing, and what they left in the store is found', async () => {
    const leads = await Promise.all(Array.from({ length: LEADS }, () => quietLead(house, { subject: { name: 'Ada', email: 'ada@example.com' } })));
    const rows = new Map<string, string[]>();
    for (const id of leads) rows.set(id, await hotRows(house, id));
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      children = [startChild(leads), startChild(leads)];
      await Promise.all(children.map((child) => killWithin(child, STEPS)));
      await settled();
      for (const id of leads) {
        const { place, rows: found } = await placeOf(house, house.archive, id);
        expect(found).toEqual(rows.get(id));
        seen.add(place);
      }
    }
    expect(seen).toEqual(new Set(['hot', 'archive']));

    const later = () => plus(new Date(), 'P2D');
    const { archiveLead } = createArchiveActivities({ ...house, now: later });
    expect((await Promise.all(leads.map((id) => archiveLead(id)))).every(({ isDone }) => isDone)).toBe(true);
    const sweeping = createReconciliationActivities({ ...house, now: () => plus(later(), 'P1D') });
    while ((await sweeping.reconcile()).removedObjects > 0);
    const kept = await readdir(house.archiveFolder, { recursive: true, withFileTypes: true });
    const files = kept.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const objects = files.map((path) => relative(house.archiveFolder, path));
    const bundles = await house.db.selectFrom('archive_bundle').select('object').execute();
    expect(objects.sort()).toEqual(bundles.map(({ object }) => object).sort());
    expect(await house.db.selectFrom('archive_stray').selectAll().execute()).toEqual([]);
  });
});

function startChild(leads: readonly string[]): ChildProcess {
  return fork(CHILD, [house.url, house.keyFolder, house.archiveFolder, ...leads], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** PostgreSQL ends what a killed client had begun only when it notices. */
async function settled(): Promise<void> {
  await eventually(async () => {
    const { rows } = await sql`
      select 1 from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`.execute(house.db);
    return rows.length === 0;
  });
}
