import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../db/ids.ts';
import { sweepListFiles } from '../../dnc/list-file-sweep.ts';
import { createHouse, type House } from '../setup/house.ts';
import { releasesInto } from './releasing.ts';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

it('files that no release is going to read are deleted once they have lain for long', async () => {
  const { db, listFolder } = house;
  const releases = releasesInto(house);
  await releases.register('swept');
  const wanted = await releases.receive('swept', '+12025550143\n');
  const ended = await releases.receive('swept', '+12025550144\n');
  await db.updateTable('dnc_release').set({ state: 'failed' }).where('id', '=', ended).execute();
  await mkdir(listFolder, { recursive: true });
  const [unknown, unfinished, young] = [newId(), `${newId()}.part`, newId()];
  for (const name of [unknown, unfinished, young]) await writeFile(join(listFolder, name), 'x');
  const old = new Date(Date.now() - 100_000);
  for (const name of [wanted, ended, unknown, unfinished]) await utimes(join(listFolder, name), old, old);
  expect(await sweepListFiles(db, listFolder, new Date(Date.now() - 60_000))).toBe(3);
  expect((await readdir(listFolder)).sort()).toEqual([wanted, young].sort());
  expect(await sweepListFiles(db, join(listFolder, 'missing'), new Date())).toBe(0);
});
