import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../../db/ids.ts';
import { sweepUploads } from '../../../intake/import/upload-sweep.ts';
import { createHouse, type House } from '../../setup/house.ts';
import { AT, HEADER, importInto, phoneOf } from './importing.ts';

let house: House;
beforeAll(async () => void (house = await createHouse()));
afterAll(() => house.close());

describe('uploads that nobody is going to read', () => {
  it('are deleted once they are old: unfinished ones, unknown ones and those of imports that have ended', async () => {
    const imports = importInto(house);
    const { uploadFolder } = imports;
    const wanted = await imports.receive(`${HEADER}\n${phoneOf(1)},${AT}\n`);
    const ended = (await imports.send(`${HEADER}\n${phoneOf(2)},${AT}\n`)).id;
    const [unfinished, unknown, young] = [`${newId()}.part`, newId(), newId()];
    for (const name of [ended, unfinished, unknown, young]) await writeFile(join(uploadFolder, name), 'x');
    const old = new Date(Date.now() - 3_600_000);
    for (const name of [wanted, ended, unfinished, unknown]) await utimes(join(uploadFolder, name), old, old);
    expect(await sweepUploads(house.db, uploadFolder, new Date(Date.now() - 60_000))).toBe(3);
    expect((await readdir(uploadFolder)).sort()).toEqual([wanted, young].sort());
    expect(await sweepUploads(house.db, join(uploadFolder, 'missing'), new Date())).toBe(0);
  });
});
