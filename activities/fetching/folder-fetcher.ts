import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { momentOfName } from '../../domain/list-file-name.ts';
import { FetchFailure, type FoundFile, type ListFetcher } from './list-fetcher.ts';

export interface FolderSource {
  folder: string;
  pattern: RegExp;
  /** A file is taken when it has not changed for so long. */
  settleMs: number;
}

interface WaitingFile {
  name: string;
  stats: Stats;
  asOf: Date;
}

const DONE = 'done';

/**
 * Takes files that somebody puts into a folder, the oldest first, and moves them into its `done` when they are ours. One that is
 * named after no day stays, and is complained about once the others are taken.
 */
export class FolderFetcher implements ListFetcher {
  readonly #source: FolderSource;
  readonly #signal: AbortSignal;
  #waiting: WaitingFile[] | null = null;
  #isAnyMisdated = false;

  constructor(source: FolderSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  async next(): Promise<FoundFile | null> {
    this.#waiting ??= await this.#settled();
    const file = this.#waiting.shift();
    if (!file && this.#isAnyMisdated) throw new FetchFailure('date_impossible');
    if (!file) return null;
    return {
      body: Readable.from(this.#read(file), { objectMode: false }),
      asOf: file.asOf,
      validators: null,
      settle: () => this.#putAway(file),
    };
  }

  /** Files that stay as they are for a while. One that still grows keeps those after it waiting: order may matter. */
  async #settled(): Promise<WaitingFile[]> {
    const before = await this.#look();
    if (before.length === 0) return [];
    await sleep(this.#source.settleMs, undefined, { signal: this.#signal });
    const after = new Map((await this.#look()).map((file) => [file.name, file]));
    const firstMoving = before.findIndex(({ name, stats }) => !isSame(stats, after.get(name)?.stats));
    return firstMoving === -1 ? before : before.slice(0, firstMoving);
  }

  async #look(): Promise<WaitingFile[]> {
    const { folder, pattern } = this.#source;
    const names = await readdir(folder).catch(() => Promise.reject(new FetchFailure('folder_missing')));
    const found: WaitingFile[] = [];
    for (const name of names) {
      const named = momentOfName(pattern, name);
      if (named === undefined) continue;
      if (named === 'no_day') {
        this.#isAnyMisdated = true;
        continue;
      }
      const stats = await lstat(join(folder, name)).catch(() => null);
      if (stats?.isFile()) found.push({ name, stats, asOf: named ?? new Date(Math.floor(stats.mtimeMs)) });
    }
    return found.sort((a, b) => a.asOf.getTime() - b.asOf.getTime() || (a.name < b.name ? -1 : 1));
  }

  async *#read({ name, stats }: WaitingFile): AsyncGenerator<Buffer> {
    const { O_RDONLY, O_NOFOLLOW } = constants;
    const handle = await open(join(this.#source.folder, name), O_RDONLY | O_NOFOLLOW).catch((error: unknown) => {
      const isForbidden = error instanceof Error && 'code' in error && error.code === 'EACCES';
      throw new FetchFailure(isForbidden ? 'unreadable' : 'changed_meanwhile');
    });
    try {
      yield* handle.createReadStream({ autoClose: false, signal: this.#signal }) as AsyncIterable<Buffer>;
      if (!isSame(stats, await handle.stat())) throw new FetchFailure('changed_meanwhile');
    } finally {
      await handle.close();
    }
  }

  async #putAway({ name, stats }: WaitingFile): Promise<void> {
    const done = join(this.#source.folder, DONE);
    await mkdir(done, { recursive: true });
    const isTaken = await lstat(join(done, name)).then(() => true, () => false);
    await rename(join(this.#source.folder, name), join(done, isTaken ? `${name}.${stats.ino}-${Math.floor(stats.mtimeMs)}` : name));
  }
}

function isSame(before: Stats, after: Stats | undefined): boolean {
  return before.ino === after?.ino && before.size === after.size && before.mtimeMs === after.mtimeMs;
}
