import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal, JournalEntry } from './journal.ts';

const FILE = /\.jsonl$/;

/** A journal of lines of JSON in a folder. Every writer has a file of its own for each day, so that nobody waits for anybody. */
export class FolderJournal implements Journal {
  readonly #folder: string;
  readonly #writer: string;
  #writing: Promise<void> = Promise.resolve();

  /** `writer` is different for every process that writes. */
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
    const day = new Date().toISOString().slice(0, 10);
    const file = await open(join(this.#folder, `${day}-${this.#writer}.jsonl`), 'a', 0o600);
    try {
      await file.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      await file.sync();
      await syncFolder(this.#folder);
    } finally {
      await file.close();
    }
  }
}

/** Every entry of a journal, by when it happened. The last line of a file may have been cut off while it was written; it was never answered for. */
export async function readJournal(folder: string): Promise<JournalEntry[]> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => FILE.test(name));
  const entries: JournalEntry[] = [];
  for (const name of names) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    lines.pop();
    entries.push(...lines.map((line) => JSON.parse(line) as JournalEntry));
  }
  return entries.sort((one, other) => (one.at < other.at ? -1 : 1));
}

async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
