import { connect } from '../../../db/connection.ts';
import { readKeyFiles } from '../../../keys/key-files.ts';
import { Vault } from '../../../db/vault.ts';
import { importConsents } from '../../../intake/moving/consent-file.ts';

/** A process of its own that takes in one file of consents, so that it can be killed. Says so after every batch. */
const [url, keyFolder, uploadFolder, importId] = process.argv.slice(2) as [string, string, string, string];
const db = connect(url, { max: 2 });
const vault = new Vault(await readKeyFiles(keyFolder));
const onProgress = (progress: object | null): void => void (progress && process.stdout.write('.'));
await importConsents({ db, vault, uploadFolder, now: () => new Date(), onProgress }, importId);
await db.destroy();
