import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { connect } from '../db/connection.ts';
import { plus } from '../domain/civil-time.ts';
import type { SweepPlace } from '../domain/sweep-card.ts';
import { ASKED_ABOUT, p99Beside, type Work } from './beside.ts';
import { openClearanceStore, type ClearanceStore } from './clearance-store.ts';
import type { Measurement } from './harness.ts';
import { importWholeFile } from './import-store.ts';
import { writeLeadFile } from './lead-file.ts';

/** `--full` takes the million. */
const ROWS = process.argv.includes('--full') ? 1_060_000 : 212_000;

/** How long the slowest clearances take while leads that were all due on one day are swept, against the same in peace. */
export const p11Sweep: Measurement = {
  id: 'P11S',
  title: `p99 of clearances while a file of ${ROWS} leads, due on one day and missed, is swept, against the same in peace`,
  async measure() {
    const store = await openClearanceStore(ASKED_ABOUT);
    try {
      const due = await addMissedLeads(store);
      const figures = await p99Beside(store, sweeping(store));
      return [...figures, { name: 'leads that were due', value: due }, ...await endsOf(store)];
    } finally {
      await store.close();
    }
  },
};

/** What a worker does, in a process of its own, that is ready when the questions begin and killed when they end. */
function sweeping({ db, url, now, places: { folder, keyFolder } }: ClearanceStore): Work {
  let child: ChildProcess | undefined;
  let phase: SweepPlace['phase'] = 'archive';
  return {
    name: 'sweep',
    async prepare() {
      await sql`truncate outbox`.execute(db);
      await sql`checkpoint`.execute(db);
      // In turns among those who are to be destroyed and those who are to be archived.
      phase = phase === 'archive' ? 'dispose' : 'archive';
      const parameters = [url, keyFolder, folder, String(now().getTime() - Date.now()), phase];
      child = fork(join(import.meta.dirname, 'sweep-child.ts'), parameters, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('what sweeps did not begin')))]);
    },
    async run(signal) {
      if (!child) throw new Error('the sweep was not made ready');
      signal.addEventListener('abort', () => child?.kill('SIGKILL'), { once: true });
      child.send('begin');
      await once(child, 'exit');
    },
  };
}

/**
 * Leads of a file, of whom half should have been destroyed on one day and half archived, the day before yesterday. Answers how
 * many there are.
 */
async function addMissedLeads({ url, now, places: { folder, keyFolder } }: ClearanceStore): Promise<number> {
  const path = join(folder, 'leads.csv');
  await writeLeadFile(path, ROWS, 1);
  const { id } = await importWholeFile(url, keyFolder, join(folder, 'home', 'uploads'), path);
  const at = now();
  const [long, year, day] = [plus(at, 'P3Y', -1), plus(at, 'P13M', -1), plus(at, 'P3D', -1)];
  const db = connect(url, { max: 1, statementTimeout: 0 });
  try {
    await sql`
      update acquisition set acquired_at = at, received_at = at
      from (select id, case when get_byte(uuid_send(lead_id), 15) < 128 then ${long}::timestamptz else ${year} end as at from acquisition
        where import_id = ${id}) moved where acquisition.id = moved.id`.execute(db);
    await sql`
      insert into contact (id, lead_id, channel, purpose, outcome, started_at, ended_at, received_at)
      select gen_random_uuid(), lead_id, 'call', 'marketing', 'no_answer', ${year}, ${year}, ${year} from acquisition
      where import_id = ${id} and acquired_at = ${year} group by lead_id`.execute(db);
    await sql`
      update lead set created_at = ${long}, stage_since = ${long}, reviewed_at = ${plus(at, 'P30D', -1)}, next_review_at = due,
        retain_until = case when get_byte(uuid_send(lead.id), 15) < 128 then due else ${plus(at, 'P1Y')}::timestamptz end,
        archive_due_at = case when get_byte(uuid_send(lead.id), 15) < 128 then null else due end
      from (select lead_id, ${day}::timestamptz + random() * interval '1 day' as due from acquisition where import_id = ${id} group by lead_id) missed
      where missed.lead_id = lead.id`.execute(db);
    await sql`vacuum analyze`.execute(db);
    const { rows: [row] } = await sql<{ due: number }>`select count(*)::int as due from lead where next_review_at < ${at}`.execute(db);
    return row?.due ?? 0;
  } finally {
    await db.destroy();
  }
}

/** How far the sweep came while questions were asked. */
async function endsOf({ db }: ClearanceStore) {
  const { rows: [row] } = await sql<{ disposed: number; archived: number; waiting: number }>`
    select (select count(*)::int from lead where disposed_at is not null) as disposed,
      (select count(*)::int from lead where archived_at is not null) as archived, (select count(*)::int from outbox) as waiting`.execute(db);
  return [
    { name: 'disposed of meanwhile', value: row?.disposed ?? 0, target: { atLeast: 1 } },
    { name: 'archived meanwhile', value: row?.archived ?? 0, target: { atLeast: 1 } },
    { name: 'messages waiting at the end', value: row?.waiting ?? 0, target: { atLeast: 1 } },
  ];
}
