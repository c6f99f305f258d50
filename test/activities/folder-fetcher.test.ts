import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { readAuthorization } from '../../activities/fetching/credentials.ts';
import { FolderFetcher } from '../../activities/fetching/folder-fetcher.ts';
import { readNamePattern } from '../../domain/list-file-name.ts';
import { runFolder } from '../setup/suite.ts';

let folder: string;
beforeEach(async () => {
  folder = join(runFolder(), `inbox-${randomUUID()}`);
  await mkdir(folder);
});

function fetcher(pattern: string, settleMs = 40, signal = new AbortController().signal) {
  return new FolderFetcher({ folder, pattern: readNamePattern(pattern)!, settleMs }, signal);
}

async function takeAll(pattern: string) {
  const taking = fetcher(pattern);
  const taken: [asOf: string, content: string][] = [];
  for (let found = await taking.next(); found; found = await taking.next()) {
    taken.push([found.asOf.toISOString(), await text(found.body)]);
    await found.settle();
  }
  return taken;
}

describe('a watched folder', () => {
  it('gives its files the oldest first, dated by their names, and keeps them in "done"', async () => {
    await writeFile(join(folder, 'tps-20261124.txt'), 'second');
    await writeFile(join(folder, 'tps-20261123.txt'), 'first');
    await writeFile(join(folder, 'notes.txt'), 'no list');
    expect(await takeAll('tps-{YYYY}{MM}{DD}.txt')).toEqual([['2026-11-23T00:00:00.000Z', 'first'], ['2026-11-24T00:00:00.000Z', 'second']]);
    expect((await readdir(folder)).sort()).toEqual(['done', 'notes.txt']);
    expect((await readdir(join(folder, 'done'))).sort()).toEqual(['tps-20261123.txt', 'tps-20261124.txt']);
  });

  it('takes what it can, and then says that a file is named after no day', async () => {
    for (const day of ['20260231', '20261123']) await writeFile(join(folder, `tps-${day}.txt`), day);
    const taking = fetcher('tps-{YYYY}{MM}{DD}.txt');
    const found = await taking.next();
    expect([found?.asOf, await text(found!.body)]).toEqual([new Date('2026-11-23T00:00:00Z'), '20261123']);
    await found?.settle();
    await expect(taking.next()).rejects.toMatchObject({ code: 'date_impossible', isPassing: false });
    expect((await readdir(folder)).sort()).toEqual(['done', 'tps-20260231.txt']);
  });

  it('dates a file by when it was last written where its name has no date', async () => {
    await writeFile(join(folder, 'list.txt'), 'one');
    await utimes(join(folder, 'list.txt'), 0, new Date('2026-11-20T10:00:00Z'));
    expect(await takeAll('*.txt')).toEqual([['2026-11-20T10:00:00.000Z', 'one']]);
  });

  it('keeps a file of the same name as one that was taken before', async () => {
    for (const content of ['one', 'two']) {
      await writeFile(join(folder, 'list.txt'), content);
      expect(await takeAll('*.txt')).toMatchObject([[expect.anything(), content]]);
    }
    expect(await readdir(join(folder, 'done'))).toHaveLength(2);
  });

  it('leaves a file that still grows, and those after it', async () => {
    await writeFile(join(folder, 'a-20261122.txt'), 'whole');
    await writeFile(join(folder, 'a-20261123.txt'), 'half');
    await writeFile(join(folder, 'a-20261124.txt'), 'later');
    const growing = setInterval(() => void appendFile(join(folder, 'a-20261123.txt'), '.'), 5);
    expect(await takeAll('a-{YYYY}{MM}{DD}.txt').finally(() => clearInterval(growing))).toEqual([['2026-11-22T00:00:00.000Z', 'whole']]);
  });

  it('does not hand over a file that grows while it is read', async () => {
    await writeFile(join(folder, 'list.txt'), 'half');
    const found = await fetcher('*.txt').next();
    await appendFile(join(folder, 'list.txt'), ' more');
    await expect(text(found!.body)).rejects.toMatchObject({ code: 'changed_meanwhile', isPassing: true });
  });

  it('follows no links', async () => {
    await symlink('/etc/hostname', join(folder, 'list.txt'));
    expect(await takeAll('*.txt')).toEqual([]);
  });

  it('that is not there is a failure', async () => {
    folder = join(folder, 'elsewhere');
    await expect(takeAll('*')).rejects.toMatchObject({ code: 'folder_missing', isPassing: false });
  });

  it('is left at once when the run is told to stop', async () => {
    await writeFile(join(folder, 'list.txt'), 'one');
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(), 20);
    await expect(fetcher('*', 60_000, stopping.signal).next()).rejects.toThrow();
  });
});

describe('credentials', () => {
  it('are the first line of a file', async () => {
    await writeFile(join(folder, 'basic'), 'basic acme:se cret\nmore\n');
    await writeFile(join(folder, 'bearer'), 'Bearer abc.def==\n');
    expect(await readAuthorization(folder, 'basic')).toBe(`Basic ${Buffer.from('acme:se cret').toString('base64')}`);
    expect(await readAuthorization(folder, 'bearer')).toBe('Bearer abc.def==');
  });

  it('are not read from anywhere else, nor from what has none', async () => {
    await mkdir(join(folder, 'inside'));
    await writeFile(join(folder, 'outside'), 'bearer abc');
    await symlink('../outside', join(folder, 'inside', 'link'));
    await writeFile(join(folder, 'inside', 'empty'), '');
    await writeFile(join(folder, 'inside', 'split'), 'bearer abc\r\nx: y');
    for (const name of ['../outside', 'link', 'missing', 'empty', '.']) {
      await expect(readAuthorization(join(folder, 'inside'), name)).rejects.toMatchObject({ code: 'credentials_unreadable' });
    }
    expect(await readAuthorization(join(folder, 'inside'), 'split')).toBe('Bearer abc');
  });
});
