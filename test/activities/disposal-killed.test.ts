import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { readJournal } from '../../endings/journal/folder-journal.ts';
import { verifyProof } from '../../proof/verify.ts';
import { createHouse, type House } from '../setup/house.ts';
import { killWithin } from '../setup/kill-within.ts';
import type { DisposalTask } from './disposal-child.ts';
import { fullLead, putBundle } from './disposing.ts';
import { namesIn } from './failing-archive.ts';

const CHILD = join(import.meta.dirname, 'disposal-child.ts');
/** All 50 take two minutes on two cores that others use as well: LEADWARDEN_TEST_KILLS asks for them. */
const KILLS = Number(process.env.LEADWARDEN_TEST_KILLS ?? 8);
const TOGETHER = 3;
/** So many leads, at the most, are disposed of before a kill; half of them on the average. */
const STEPS = 24;
const LEADS = KILLS * STEPS;
const YEARS_LATER = Date.now() + 6 * 366 * 86_400_000;

let house: House;
let leadIds: string[];
beforeAll(async () => {
  house = await createHouse();
  leadIds = [];
  for (let nth = 0; nth < LEADS; nth += 1) {
    const leadId = await fullLead(house);
    if (nth % 2 === 0) await putBundle(house, leadId);
    leadIds.push(leadId);
  }
}, 60_000 + KILLS * 3_000);
afterAll(() => house.close());

async function start(): Promise<ChildProcess> {
  const open = await house.db.selectFrom('lead').select('id').where('disposed_at', 'is', null).orderBy('id').execute();
  const { url: databaseUrl, keyFolder, archiveFolder, journalFolder } = house;
  const task: DisposalTask = {
    databaseUrl, keyFolder, archiveFolder, journalFolder, at: YEARS_LATER, leadIds: open.map(({ id }) => id), together: TOGETHER,
  };
  return fork(CHILD, [JSON.stringify(task)], { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** How far each lead has come, in a word. */
async function statesOf(): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: bigint }>`
    select case when lead.disposed_at is not null then 'complete' when disposal.key_destroyed_at is not null then 'destroyed'
      when disposal.id is not null then 'open' else 'untouched' end as state, count(*) as count
    from lead left join disposal on disposal.lead_id = lead.id group by 1`.execute(house.db);
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

describe(`disposal, killed at ${KILLS} random moments`, () => {
  it('leaves every lead in exactly one state, all stores agreeing, and one certificate of each', async () => {
    const seen = new Set<string>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await killWithin(await start(), STEPS);
      for (const state of Object.keys(await statesOf())) seen.add(state);
      await expectAgreement();
    }
    const last = await start();
    if (last.exitCode === null) await once(last, 'exit');
    expect(await statesOf()).toEqual({ complete: LEADS });
    expect(seen.size).toBeGreaterThan(1);
    await expectAgreement();
    const certificates = await house.db.selectFrom('disposal').select(['lead_id', 'certificate']).execute();
    expect(certificates.map(({ lead_id }) => lead_id).sort()).toEqual([...leadIds].sort());
    expect(certificates.every(({ certificate }) => verifyProof(certificate).valid)).toBe(true);
    expect((await namesIn(house.archiveFolder)).filter((name) => name.endsWith('.bundle'))).toEqual([]);
  }, 240_000 + KILLS * 5_000);
});

/** A key that is gone is in the journal, with nothing left that it opens; one that is there has all of its records. */
async function expectAgreement(): Promise<void> {
  const { rows } = await sql<{ id: string; destroyed: boolean; token: boolean; keys: bigint; records: bigint; complete: boolean; certified: boolean }>`
    select lead.id, coalesce(disposal.key_destroyed_at is not null, false) as destroyed, lead.token is not null as token,
      (select count(*) from keyring.subject_key where lead_id = lead.id) as keys, (select count(*) from personal_data where lead_id = lead.id) as records,
      lead.disposed_at is not null as complete, coalesce(disposal.certificate is not null, false) as certified
    from lead left join disposal on disposal.lead_id = lead.id`.execute(house.db);
  const journaled = new Set<string>();
  for await (const entries of readJournal(house.journalFolder)) {
    for (const entry of entries) if (entry.kind === 'disposal') journaled.add(entry.leadId);
  }
  for (const { id, destroyed, token, keys, records, complete, certified } of rows) {
    expect([token, Number(keys), Number(records) > 0]).toEqual(destroyed ? [false, 0, false] : [true, 1, true]);
    expect(complete).toBe(certified);
    if (destroyed) expect(journaled.has(id)).toBe(true);
    if (complete) expect(destroyed).toBe(true);
  }
}
