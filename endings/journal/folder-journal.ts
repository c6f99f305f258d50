import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal, JournalEntry } from './journal.ts';

const FILE = /^\d{4}-\d{2}-\d{2}-.*\.jsonl$/;
const DAY = 'YYYY-MM-DD'.length;
const PORTION = 1_000;

/** A journal of lines of JSON in a folder. Every writer has a file of its own for each day, so that nobody waits for anybody. */
export class FolderJournal implements Journal {
  readonly #folder: string;
  readonly #writer: string;
  #writing: Promise<void> = Promise.resolve();
  /** Whether the last line may have been cut off. */
  #isTorn = false;

  /** `writer` is different for every process that writes, also for one that was started again. */
  constructor(folder: string, writer: string) {
    this.#folder = folder;
    this.#writer = writer;
  }

  append(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return this.#writing;
    const written = this.#writing.then(() => this.#write(entries));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(entries: readonly JournalEntry[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const day = dayOf(new Date());
    const file = await open(join(this.#folder, `${day}-${this.#writer}.jsonl`), 'a', 0o600);
    try {
      const start = this.#isTorn ? '\n' : '';
      this.#isTorn = true;
      await file.appendFile(start + entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      this.#isTorn = false;
      await file.sync();
      await syncFolder(this.#folder);
    } finally {
      await file.close();
    }
  }
}

/**
 * The entries of a journal in portions, in no order but that each writer's own come in theirs. A line that was cut off while it
 * was written was never answered for: it is passed over, and `onUnreadable` told.
 */
export async function* readJournal(folder: string, onUnreadable: () => void = () => undefined): AsyncGenerator<JournalEntry[]> {
  for (const name of await journalFiles(folder)) {
    let portion: JournalEntry[] = [];
    for await (const line of wholeLines(createReadStream(join(folder, name), 'utf8') as AsyncIterable<string>)) {
      const entry = entryOf(line);
      if (entry) portion.push(entry);
      else if (line !== '') onUnreadable();
      if (portion.length < PORTION) continue;
      yield portion;
      portion = [];
    }
    if (portion.length > 0) yield portion;
  }
}

/** Removes what was written on days before a moment's; answers how many files that were. */
export async function pruneJournal(folder: string, before: Date): Promise<number> {
  const old = (await journalFiles(folder)).filter((name) => name.slice(0, DAY) < dayOf(before));
  for (const name of old) await rm(join(folder, name), { force: true });
  return old.length;
}

function entryOf(line: string): JournalEntry | null {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch {
    return null;
  }
}

/** The lines of a file; what stands behind the last end of a line is the last. */
async function* wholeLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

async function journalFiles(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [] as string[])).filter((name) => FILE.test(name)).sort();
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, DAY);
}

async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
