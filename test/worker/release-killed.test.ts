import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { bringToEnd, releasesInto } from '../dnc/releasing.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { runFolder, temporalAddress, workflowBundlePath } from '../setup/suite.ts';

const WORKER = join(import.meta.dirname, '../../worker/main.ts');
/** Five take two minutes on two cores that others use as well: LEADWARDEN_TEST_KILLS asks for them. */
const KILLS = Number(process.env.LEADWARDEN_TEST_KILLS ?? 3);
/** So many releases are caught by a kill, each of another list and size, and so at a moment of its own. */
const AT_ONCE = 3;
const BLOCKS = 200;
const IN_EACH = 250;
const LEADS = 120;

let houses: [House, House];
beforeAll(async () => {
  houses = await Promise.all([createHouse(), createHouse()]);
});
afterAll(() => Promise.all(houses.map((house) => house.close())));

const numberOf = (block: number, place: number): string => `+1${2_020_000_000 + block * 10_000 + place}`;

const FULL = { kind: 'full', format: 'lines' } as const;
const CHANGE = { kind: 'change', format: 'delimited:{"delimiter":",","columns":[0],"action":{"column":1,"add":"A","remove":"D"}}' } as const;

/** A full file, or one that takes some of its numbers off and puts others on; some are those of leads. */
function fileOf(nth: number, { kind }: typeof FULL | typeof CHANGE): string {
  const blocks = Array.from({ length: BLOCKS * (1 + (nth % AT_ONCE)) }, (_, block) => block);
  const places = Array.from({ length: kind === 'full' ? IN_EACH : 40 }, (_, place) => place * 37);
  if (kind === 'full') return blocks.flatMap((block) => places.map((place) => numberOf(block, place))).join('\n');
  return blocks.flatMap((block) => places.map((place) => `${numberOf(block, place)},D\n${numberOf(block, place + (place % 3))},A`)).join('\n');
}

const LISTS = Array.from({ length: KILLS * AT_ONCE }, (_, nth) => nth);
const idOf = (nth: number): string => `list-${String(nth).padStart(2, '0')}`;
/** Every other kill is of full releases, and every other one of changes. */
const isChanged = (nth: number): boolean => Math.floor(nth / AT_ONCE) % 2 === 1;

/** Leads that are on the lists before, after, or both, and the lists with what is in force before the first kill. */
async function fill(house: House): Promise<void> {
  for (let n = 0; n < LEADS; n += 1) await house.acquire({ phone: numberOf(n, (n % 4) * 37 + (n % 3)) });
  const releases = releasesInto(house);
  for (const nth of LISTS) {
    await releases.register(idOf(nth));
    if (isChanged(nth)) await bringToEnd(house, await releases.receive(idOf(nth), fileOf(nth, FULL), FULL));
  }
  await house.db.deleteFrom('outbox').execute();
}

/** Puts the release of a list that is going to be disturbed on the books; answers its id. */
function receive(house: House, nth: number): Promise<string> {
  const asked = isChanged(nth) ? CHANGE : FULL;
  return releasesInto(house).receive(idOf(nth), fileOf(nth, asked), { ...asked, asOf: new Date(Date.UTC(2026, 0, 2)) });
}

/** Everything that releases have led to, ids and times left out; of the many rows of a list their count and digest. */
async function outcome({ db }: House) {
  const [blocks, flips, releases, hits] = await Promise.all([
    sql`select list_id, count(*), sum(numbers) as numbers,
        md5(string_agg(concat_ws(',', prefix, numbers, digest, md5(block), begun), ';' order by prefix)) as digest
      from dnc_block group by list_id order by list_id`.execute(db),
    sql`select list_id, count(*), md5(string_agg(flip::text, ';' order by prefix, number)) as digest
      from dnc_flip flip group by list_id order by list_id`.execute(db),
    db.selectFrom('dnc_release')
      .select(['list_id', 'number', 'state', 'lines', 'numbers', 'added', 'removed', 'refused', 'root', 'leads_checked', 'leads_hit', 'leads_freed'])
      .orderBy('list_id').orderBy('number').execute(),
    sql`select acquired.nth, hit.list_id, hit.since, hit.freed_as_of
      from dnc_hit hit join (select id, row_number() over (order by id) as nth from lead) acquired on acquired.id = hit.lead_id
      order by 1, 2, 3`.execute(db),
  ]);
  return { blocks: blocks.rows, flips: flips.rows, releases, hits: hits.rows };
}

async function startWorker(house: House, taskQueue: string): Promise<ChildProcess> {
  const env = {
    ...process.env, LEADWARDEN_HOME: join(runFolder(), 'killed'), LEADWARDEN_KEYS: house.keyFolder, LEADWARDEN_LISTS: house.listFolder,
    DATABASE_URL: house.url, TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: taskQueue, WORKFLOW_BUNDLE: workflowBundlePath(), LOG_LEVEL: 'error',
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(worker, 'message');
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
}

const pending = ({ db }: House) =>
  db.selectFrom('dnc_release').select(['id', 'state', 'phase', 'phase_done']).where('state', 'in', ['receiving', 'parsing']).orderBy('id').execute();

const state = async (house: House) => (await pending(house)).map((each) => Object.values(each).join()).join(';');

/** Lets a worker live until it has got on with something, and then for a moment more. */
async function killInTheMiddle(house: House, taskQueue: string): Promise<void> {
  const before = await state(house);
  const worker = await startWorker(house, taskQueue);
  await eventually(async () => (await state(house)) !== before);
  await sleep(Math.random() * 1_000);
  await kill(worker);
}

describe('releases whose worker is killed again and again', () => {
  it('end as those that nobody disturbed', async () => {
    const [killed, undisturbed] = houses;
    await Promise.all(houses.map(fill));
    const taskQueue = `killed-${randomUUID()}`;
    let caught = 0;
    const known = new Set<string>();
    for (let round = 0; round < KILLS; round += 1) {
      for (const nth of LISTS.slice(round * AT_ONCE, (round + 1) * AT_ONCE)) {
        await bringToEnd(undisturbed, await receive(undisturbed, nth));
        await receive(killed, nth);
      }
      await killInTheMiddle(killed, taskQueue);
      caught += (await pending(killed)).filter(({ id }) => !known.has(id)).length;
      for (const { id } of await pending(killed)) known.add(id);
    }
    const last = await startWorker(killed, taskQueue);
    await eventually(async () => (await pending(killed)).length === 0, 120_000);
    await eventually(async () => (await readdir(killed.listFolder)).length === 0);
    await kill(last);

    expect(caught).toBeGreaterThan(KILLS);
    const end = await outcome(killed);
    expect(end).toEqual(await outcome(undisturbed));
    expect(end.releases.filter(({ state }) => state === 'in_force')).toHaveLength(LISTS.length);
    expect(end.blocks).toHaveLength(LISTS.length);
    expect(end.hits.length).toBeGreaterThan(10);
    expect(await killed.db.selectFrom('dnc_staged_block').select('prefix').execute()).toEqual([]);
  }, 300_000 + KILLS * 30_000);
});
