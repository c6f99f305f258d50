import type { Release } from '../db/dnc-releases.ts';
import { ListFileFailure } from './list-file-failure.ts';
import { readFormat } from './list-format.ts';
import { digestOfListFile, listFilePath } from './list-folder.ts';
import { NumberChanges, NumberSet } from './number-set.ts';
import { createListParser, type ParseReport } from './parsing/list-parser.ts';
import type { Phases } from './phases.ts';
import { ReleaseFailure } from './release-failure.ts';
import type { ReleaseDeps } from './releases.ts';
import { openListFile } from './unpacking.ts';

/** The share of unreadable lines up to which a file is taken for what it says it is. */
const MOST_REFUSED = 0.01;

/** What a file says, in memory: the blocks of its own numbers and no others. */
export type FileContent =
  | { kind: 'full'; numbers: NumberSet; report: ParseReport }
  | { kind: 'change'; numbers: NumberChanges; report: ParseReport };

/** Reads the file of a release. Throws a ReleaseFailure when it cannot be used as what it is said to be. */
export async function readRelease(
  { listFolder }: ReleaseDeps, release: Release, country: string, phases: Phases, signal: AbortSignal,
): Promise<FileContent> {
  await checkFile(listFolder, release);
  const content = release.kind === 'full'
    ? { kind: release.kind, numbers: new NumberSet() } as const
    : { kind: release.kind, numbers: new NumberChanges() } as const;
  const areaCodes = Array.isArray(release.areaCodes) ? { areaCodes: new Set(release.areaCodes) } : {};
  const op = release.op === null ? {} : { op: release.op };
  const parser = createListParser(readFormat(release.format), { country, ...op, ...areaCodes }, content.numbers);
  try {
    const file = await openListFile(listFilePath(listFolder, release.id));
    await phases.begin('reading', file.size);
    for await (const chunk of file) {
      signal.throwIfAborted();
      parser.write(chunk);
      await phases.report(file.consumed);
    }
    return { ...content, report: checkReport(parser.end()) };
  } catch (error) {
    throw error instanceof ListFileFailure ? new ReleaseFailure(error.code, error.message) : error;
  } finally {
    phases.finish();
  }
}

async function checkFile(listFolder: string, release: Release): Promise<void> {
  const stored = await digestOfListFile(listFolder, release.id);
  if (!stored) throw new ReleaseFailure('file_missing', 'The file that was received is gone.');
  if (stored.sha256 !== release.sha256 || stored.sizeBytes !== release.sizeBytes) {
    throw new ReleaseFailure('file_altered', 'The file is not the one that was received.');
  }
}

function checkReport(report: ParseReport): ParseReport {
  const { lines, read, refused } = report;
  if (read === 0 && refused > 0) throw new ReleaseFailure('wrong_format', 'No line holds a number in the format that was named.', report);
  if (refused > lines * MOST_REFUSED) {
    throw new ReleaseFailure('too_many_refused', `${refused} of ${lines} lines hold no number; 1 % is the most.`, report);
  }
  return report;
}
