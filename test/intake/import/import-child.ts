import { connect, createPool } from '../../../db/connection.ts';
import { readKeyFiles } from '../../../keys/key-files.ts';
import { Vault } from '../../../db/vault.ts';
import { importFile } from '../../../intake/import/import-file.ts';

/** A process of its own that imports one file, so that it can be killed. Says on its standard output how far it is. */
const [url, keyFolder, uploadFolder, importId] = process.argv.slice(2) as [string, string, string, string];
const db = connect(url, { max: 2 });
const pool = createPool(url, { max: 1 });
const vault = new Vault(await readKeyFiles(keyFolder));
const onProgress = (): void => void process.stdout.write('.');
await importFile({ db, pool, vault, uploadFolder, now: () => new Date(), onProgress }, importId);
await Promise.all([db.destroy(), pool.end()]);
