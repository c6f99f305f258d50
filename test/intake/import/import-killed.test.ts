import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findImport, listRefusals } from '../../../db/imports.ts';
import { createHouse, type House } from '../../setup/house.ts';
import { books, HEADER, importInto, phoneOf, type Importing } from './importing.ts';

const CHILD = join(import.meta.dirname, 'import-child.ts');
const ROWS = 20_000;

let houses: [House, House];
let [killed, undisturbed]: Importing[] = [];
beforeAll(async () => {
  houses = await Promise.all([createHouse(), createHouse()]);
  [killed, undisturbed] = houses.map(importInto);
});
afterAll(() => Promise.all(houses.map((house) => house.close())));

/** New numbers, numbers of earlier rows at the same and at another time, and rows to refuse, over several batches. */
function mixedFile(): string {
  const at = (row: number) => new Date(Date.UTC(2026, 0, 1) + (row % 7) * 60_000).toISOString();
  const rows = Array.from({ length: ROWS }, (_, row) => {
    if (row % 40 === 3) return `none,${at(row)}`;
    if (row % 50 === 7) return '';
    return `${phoneOf(row % 9 === 4 ? row >> 1 : row)},${at(row)}`;
  });
  return [HEADER, ...rows].join('\n');
}

/** Runs the import in a process that is killed after so many milliseconds of work; answers whether it came to its end. */
async function runKilled(house: House, importId: string, afterMs: number): Promise<boolean> {
  const work = [house.url, house.keyFolder, killed!.uploadFolder, importId];
  const child = spawn(process.execPath, [CHILD, ...work], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs).unref());
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

describe('an import whose process is killed again and again', () => {
  it('leaves the books as one that nobody disturbed', async () => {
    const file = mixedFile();
    const expected = await undisturbed!.send(file);
    const id = await killed!.receive(file);
    let kills = 0;
    while (!(await runKilled(houses[0], id, 50 + kills * 120))) kills += 1;
    expect(kills).toBeGreaterThan(2);

    const done = await findImport(houses[0].db, id);
    expect(done).toMatchObject({ state: 'completed', rows: expected.rows });
    expect(expected.rows.read).toBe(expected.rows.created + expected.rows.merged + expected.rows.refused);
    expect(await books(houses[0])).toEqual(await books(houses[1]));
    const refusals = await listRefusals(houses[0].db, id, 0n, ROWS);
    expect(refusals).toHaveLength(expected.rows.refused);
    expect(refusals).toEqual(await listRefusals(houses[1].db, expected.id, 0n, ROWS));
    expect(await readdir(killed!.uploadFolder)).toEqual([]);
  });
});
