import { createDisposalActivities } from '../../activities/disposal.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { connect } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { readSigningSeeds } from '../../keys/key-files.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { SigningKeys } from '../../proof/signing-keys.ts';

/** What the process is told: where everything is, at what moment it is, and who is to be disposed of, a few at a time. */
export interface DisposalTask {
  databaseUrl: string;
  keyFolder: string;
  archiveFolder: string;
  journalFolder: string;
  at: number;
  leadIds: string[];
  together: number;
}

const task = JSON.parse(process.argv[2] ?? '') as DisposalTask;
const ahead = task.at - Date.now();
const { disposeLead } = createDisposalActivities({
  db: connect(task.databaseUrl, { max: 4, onIdleError: () => undefined }),
  now: () => new Date(Date.now() + ahead),
  signing: new SigningKeys(await readSigningSeeds(task.keyFolder)),
  archive: new FolderStore(task.archiveFolder),
  journal: new FolderJournal(task.journalFolder, newId()),
  backupKeepDays: 30,
});
const disposeOf = async (leadId: string) => {
  await disposeLead(leadId);
  process.send?.('disposed');
};
for (let from = 0; from < task.leadIds.length; from += task.together) {
  await Promise.all(task.leadIds.slice(from, from + task.together).map(disposeOf));
}
process.exit(0);
