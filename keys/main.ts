import { loadConfig } from '../config.ts';
import { connect } from '../db/connection.ts';
import { findKekUse } from '../db/key-retirement.ts';
import { listEpochs, markRetired } from '../db/key-epochs.ts';
import { askForRotation } from '../db/key-rotations.ts';
import { addNextKey, destroyKek, listNumbers, wrapPlainKeys } from './key-files.ts';
import { openKeyStore } from './stores.ts';

const USAGE = `npm run keys -- COMMAND
  list              what lies in the key folder, and what this store knows of it
  rotate            makes the next key-encryption key; with DATABASE_URL also asks for it to be used
  rotate-signing    makes the next signing key; api and worker sign with it once they are started again
  wrap              hands keys that lie in the folder as they are to the store that KEY_STORE names
  retire NUMBER     destroys a key-encryption key that nothing needs any more`;

const { keyFolder: folder, keyStore, databaseUrl, backupKeepDays } = loadConfig();
const store = openKeyStore(keyStore);
const [command, argument = ''] = process.argv.slice(2);

await run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : 'It did not work.');
  process.exitCode = 1;
});

async function run(): Promise<void> {
  switch (command) {
    case 'list': return list();
    case 'rotate': return rotate();
    case 'rotate-signing': return console.log(`signing-${await addNextKey(folder, 'signing', store)} is in ${folder}; it signs once api and worker are started again.`);
    case 'wrap': return wrap();
    case 'retire': return retire(Number(argument));
    default: throw new Error(USAGE);
  }
}

async function list(): Promise<void> {
  console.log(`In ${folder}, ${store.kind === 'file' ? 'as they are' : `wrapped by ${store.kind} under ${store.key}`}:`);
  for (const kind of ['kek', 'signing'] as const) console.log(`  ${kind}: ${(await listNumbers(folder, kind)).join(', ')}`);
  if (databaseUrl === undefined) return;
  await withStore(async (db) => {
    for (const { kek, activated_at: since, emptied_at: emptied, retired_at: retired } of await listEpochs(db)) {
      console.log(`kek-${kek}: ${retired ? `destroyed ${day(retired)}` : emptied ? `not needed by leads since ${day(emptied)}` : since ? `in use since ${day(since)}` : 'not in use yet'}`);
    }
  });
}

async function rotate(): Promise<void> {
  const number = await addNextKey(folder, 'kek', store);
  console.log(`kek-${number} is in ${folder}. Keep a copy in another place.`);
  if (databaseUrl === undefined) return console.log('It is used once somebody asks for it: POST /v1/keys/rotations.');
  await withStore(async (db) => {
    const { rotation } = await db.transaction().execute((tx) => askForRotation(tx, 'command', new Date()));
    console.log(`Rotation ${rotation.id} is under way; GET /v1/keys/rotations/${rotation.id} says how far it is.`);
  });
}

async function wrap(): Promise<void> {
  if (store.kind === 'file') throw new Error('KEY_STORE names no store to hand keys to.');
  const names = await wrapPlainKeys(folder, store);
  console.log(names.length === 0 ? 'No key lies in the folder as it is.' : `Wrapped by ${store.kind}, and destroyed as they were: ${names.join(', ')}.`);
}

async function retire(number: number): Promise<void> {
  if (!Number.isInteger(number) || number < 1) throw new Error(USAGE);
  await withStore(async (db) => {
    const use = await findKekUse(db, number, backupKeepDays, new Date());
    if (use !== null) throw new Error(`kek-${number} is not destroyed: ${use}. Nothing was changed.`);
    await markRetired(db, number, new Date());
  });
  const wasThere = await destroyKek(folder, number);
  console.log(`kek-${number} is destroyed${wasThere ? '' : '; there was no file of it in the folder any more'}. Destroy the copies in other places too.`);
}

async function withStore(work: (db: ReturnType<typeof connect>) => Promise<void>): Promise<void> {
  if (databaseUrl === undefined) throw new Error('DATABASE_URL says which store the keys are of; it is not set.');
  const db = connect(databaseUrl, { max: 1 });
  await work(db).finally(() => db.destroy());
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
