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
