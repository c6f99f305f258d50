import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FetchFailure } from './list-fetcher.ts';

/**
 * The header `Authorization` out of a file of a folder, whose first line is `basic user:password` or `bearer token`. The file
 * is read anew every time, so that a changed secret holds at once. Names that lead out of the folder find nothing.
 */
export async function readAuthorization(folder: string, name: string): Promise<string> {
  const [line = ''] = (await readInside(folder, name)).split('\n');
  const [, scheme, secret = ''] = /^(basic|bearer) +(\S(?:.*\S)?)\s*$/i.exec(line) ?? [];
  if (scheme?.toLowerCase() === 'bearer' && /^[\w.~+/-]+=*$/.test(secret)) return `Bearer ${secret}`;
  if (scheme?.toLowerCase() === 'basic' && secret.includes(':')) return `Basic ${Buffer.from(secret).toString('base64')}`;
  throw new FetchFailure('credentials_unreadable');
}

async function readInside(folder: string, name: string): Promise<string> {
  try {
    const [inside, file] = await Promise.all([realpath(folder), realpath(join(folder, name))]);
    if (file.startsWith(inside + sep)) return await readFile(file, 'utf8');
  } catch {
    // Not there, or not to be read: the same to whoever has to put it right.
  }
  throw new FetchFailure('credentials_unreadable');
}
