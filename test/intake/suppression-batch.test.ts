import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { lockToken } from '../../db/leads.ts';
import { findSuppressionImport, insertSuppressionImport } from '../../db/suppression-imports.ts';
import { SuppressionBatch } from '../../intake/suppression/suppression-batch.ts';
import { createHouse, type House } from '../setup/house.ts';

const PHONE = '+12025550142';

let house: House;
let impatient: Db;
beforeAll(async () => {
  house = await createHouse();
  impatient = connect(house.url, { max: 2, lockTimeout: 100 });
});
afterAll(async () => {
  await impatient.destroy();
  await house.close();
});

describe('a batch of suppressions', () => {
  it('is written once all the same, when somebody holds one of its persons for longer than anybody waits', async () => {
    const at = new Date();
    const file = await insertSuppressionImport(house.db, {
      id: newId(), kind: 'opt_out', channel: 'all', source: 'old-dialer', via: null, format: 'plain', state: 'running', sha256: 'ab'.repeat(32),
      size_bytes: 13n, received_at: at, received_by: 'key:test', touched_at: at,
    });
    const batch = new SuppressionBatch();
    batch.add({ phones: [PHONE], reportedAt: at, refusal: null });
    batch.add(null);
    const holding = Promise.withResolvers<null>();
    const held = house.db.transaction().execute(async (tx) => {
      await lockToken(tx, house.vault.phoneToken(PHONE));
      holding.resolve(null);
      await new Promise((resolve) => setTimeout(resolve, 350));
    });
    await holding.promise;
    await Promise.all([held, batch.write({ db: impatient, vault: house.vault, now: () => new Date() }, file, 1)]);
    expect(await findSuppressionImport(house.db, file.id)).toMatchObject({
      rows_read: 2n, rows_taken: 1n, rows_skipped: 1n, numbers_suppressed: 1n,
    });
  });
});
