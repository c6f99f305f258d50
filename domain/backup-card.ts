/** How far a backup or a restore has come: what it is at, bytes done and of about how many, how fast, and for how long still. */
export interface BackupProgress {
  phase: 'checking' | 'copying' | 'restoring' | 'replaying';
  /** The table at hand, where there is one. */
  at: string | null;
  done: number;
  /** An estimate. */
  total: number;
  perSecond: number;
  remainingSeconds: number | null;
}

/** What a backup came to. Counts, instants as RFC 3339 text, and the name of its folder. */
export interface BackupReport {
  name: string;
  takenAt: string;
  tables: number;
  rows: number;
  bytes: number;
  seconds: number;
  /** Earlier backups that were past their time. */
  dropped: number;
}

/** What a test restore came to. */
export interface VerificationReport {
  name: string;
  takenAt: string;
  tables: number;
  rows: number;
  /** Sealed records that were opened with the keys. */
  opened: number;
  /** Facts of the journal that a restore would put back. */
  replayed: number;
  seconds: number;
}

/** What is left of backups after those past their time were removed. Counts, and instants as RFC 3339 text. */
export interface ExpiryReport {
  dropped: number;
  /** Copies of keys that should be gone and are not. */
  overdue: number;
  oldestAt: string | null;
  newestAt: string | null;
}

/** What an operator reads on opening a look for backups past their time, in Markdown. */
export function expiryCard({ dropped, overdue, oldestAt, newestAt }: ExpiryReport): string {
  return [
    overdue === 0 ? '### no backup is past its time' : `### ${overdue} backups past their time are still there`,
    [
      `- ${dropped} were past their time and are removed`,
      ...(oldestAt === null ? ['- there is no backup that anything can be restored from'] : [`- the oldest that is left is of **${oldestAt}**, the newest of **${newestAt}**`]),
    ].join('\n'),
  ].join('\n\n');
}

const PHASES = { checking: 'Checking the files', copying: 'Copying', restoring: 'Restoring', replaying: 'Replaying the journal' };

/** A line on how far it has come, for the console and for the operators' UI. */
export function progressLine({ phase, at, done, total, perSecond, remainingSeconds }: BackupProgress): string {
  const share = total > 0 ? `: ${Math.min(99, Math.floor((100 * done) / total))} % of about ${megabytes(total)}` : '';
  const left = remainingSeconds === null ? '' : `, about ${remainingSeconds} s to go`;
  return `${PHASES[phase]}${at === null ? '' : ` ${at}`}${share}, ${megabytes(perSecond)} a second${left}`;
}

/** What an operator reads on opening a backup, in Markdown. */
export function backupCard(progress: BackupProgress | null, report: BackupReport | null): string {
  if (!report) return ['### backing up', ...(progress ? [progressLine(progress)] : [])].join('\n\n');
  const { name, takenAt, tables, rows, bytes, seconds, dropped } = report;
  return [
    '### done', `**${name}** shows the database as of **${takenAt}**`,
    [
      `- ${rows} rows of ${tables} tables, ${megabytes(bytes)}, in ${seconds} s`,
      `- ${dropped} earlier backups were past their time and are removed`,
    ].join('\n'),
  ].join('\n\n');
}

/** What an operator reads on opening a test restore, in Markdown. */
export function verificationCard(progress: BackupProgress | null, report: VerificationReport | null): string {
  if (!report) return ['### restoring for a test', ...(progress ? [progressLine(progress)] : [])].join('\n\n');
  const { name, takenAt, tables, rows, opened, replayed, seconds } = report;
  return [
    '### it can be restored', `**${name}**, as of **${takenAt}**`,
    [
      `- ${rows} rows of ${tables} tables are what was written, in ${seconds} s`,
      `- ${opened} sealed records were opened with the keys`,
      `- ${replayed} facts of the journal would be put back`,
    ].join('\n'),
  ].join('\n\n');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
