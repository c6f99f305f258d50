import { progressLine, type BackupProgress } from '../domain/backup-card.ts';

const EVERY_MS = 2_000;

/** Writes a line on how far something has come, every two seconds and at every new phase. */
export function progressLines(write: (line: string) => void): (progress: BackupProgress) => void {
  let phase = '';
  let last = 0;
  return (progress) => {
    if (progress.phase === phase && performance.now() - last < EVERY_MS) return;
    [phase, last] = [progress.phase, performance.now()];
    write(progressLine(progress));
  };
}
