/** How far an import has come: records of the file done with, of how many, how fast, and how long it will still take. */
export interface ImportProgress {
  records: number;
  total: number | null;
  rowsPerSecond: number;
  remainingSeconds: number | null;
}

/** What an operator reads on opening an import, in Markdown. `problem` says why it failed, without any content of the file. */
export function importCard(state: string, progress: ImportProgress | null, problem?: string | null): string {
  const lines = [`### ${state}`];
  if (progress) {
    const share = progress.total ? ` of ${progress.total} (${Math.floor((100 * progress.records) / progress.total)} %)` : '';
    lines.push(`**${progress.records}**${share} records, ${Math.round(progress.rowsPerSecond)} a second`);
    if (state === 'running' && progress.remainingSeconds !== null) lines.push(`About ${progress.remainingSeconds} s to go`);
  }
  if (problem) lines.push(problem);
  return lines.join('\n\n');
}
