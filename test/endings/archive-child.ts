import { pino } from 'pino';
import { createArchiveActivities } from '../../activities/archive.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { connect } from '../../db/connection.ts';
import { readKeyFiles } from '../../keys/key-files.ts';
import { Vault } from '../../db/vault.ts';
import { retrieve } from './retrieving.ts';

/** Archives leads and brings them back until it is killed, and tells of each step: `url keyFolder archiveFolder leadId...`. */
const [url = '', keyFolder = '', archiveFolder = '', ...leadIds] = process.argv.slice(2);
const db = connect(url, { max: 4, onIdleError: () => undefined });
const vault = new Vault(await readKeyFiles(keyFolder));
let clock = Date.now();
const now = () => new Date(clock);
const { archiveLead, bringBackLead } = createArchiveActivities({ db, vault, archive: new FolderStore(archiveFolder), now, log: pino({ level: 'silent' }) });
const told = async (step: Promise<unknown>) => {
  await step;
  process.send?.('step');
};
for (;;) {
  await Promise.all(leadIds.map((id) => told(archiveLead(id))));
  await Promise.all(leadIds.map((id) => retrieve({ db }, id, new Date(clock + 1_000))));
  await Promise.all(leadIds.map((id) => told(bringBackLead(id))));
  clock += 2_000;
}
