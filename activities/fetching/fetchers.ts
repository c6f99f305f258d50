import { join } from 'node:path';
import type { KeptFetch } from '../../db/dnc-fetches.ts';
import { readNamePattern } from '../../domain/list-file-name.ts';
import { readAuthorization } from './credentials.ts';
import { FolderFetcher } from './folder-fetcher.ts';
import { HttpsFetcher } from './https-fetcher.ts';
import { FetchFailure, type ListFetcher } from './list-fetcher.ts';

/** What a deployment allows its fetches. */
export interface FetchSettings {
  /** Folders in which fetches name a folder and a file. */
  inboxFolder: string;
  credentialsFolder: string;
  /** Whether addresses inside the house may be asked, and this machine without TLS. */
  allowsPrivate: boolean;
  maxBytes: number;
  /** For how long a file in a watched folder has to stay as it is. */
  settleMs: number;
}

const STALL_MS = 60_000;
const RESUME_AFTER_MS = [1_000, 5_000, 30_000, 60_000];

/** The fetcher of one run. */
export async function fetcherOf(
  { from, validators }: KeptFetch, settings: FetchSettings, now: () => Date, signal: AbortSignal,
): Promise<ListFetcher> {
  switch (from.adapter) {
    case 'https': {
      const { credentialsFile: file, asOf } = from;
      const authorization = file === null ? null : await readAuthorization(settings.credentialsFolder, file);
      const source = { url: new URL(from.url), authorization, asOf, known: validators };
      return new HttpsFetcher(source, { ...settings, stallMs: STALL_MS, resumeAfterMs: RESUME_AFTER_MS }, now, signal);
    }
    case 'folder': {
      const pattern = readNamePattern(from.file);
      if (!pattern) throw new FetchFailure('folder_missing');
      return new FolderFetcher({ folder: join(settings.inboxFolder, from.folder), pattern, settleMs: settings.settleMs }, signal);
    }
    default: throw new Error(`an unknown way to fetch: ${(from satisfies never as KeptFetch['from']).adapter}`);
  }
}
