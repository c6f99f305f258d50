import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ListFileFailure, openListFile } from '../../dnc/unpacking.ts';
import { zipOf } from './zip-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'leadwarden-lists-'));
const path = join(folder, 'list');
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (count: number) => Buffer.from(Array.from({ length: count }, (_, index) => `202,${String(index).padStart(7, '0')}\n`).join(''));
const numbers = lines(300_000);
const named = (...contents: Buffer[]) => contents.map((content, index) => ({ name: `${index}.txt`, content }));

async function read(content: Buffer, options?: { mostBytes?: number }): Promise<Buffer> {
  writeFileSync(path, content);
  const chunks: Buffer[] = [];
  for await (const chunk of await openListFile(path, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The code of the failure, or undefined; anything else that is thrown is thrown on. */
async function failureOf(content: Buffer, options?: { mostBytes?: number }): Promise<string | undefined> {
  try {
    await read(content, options);
    return undefined;
  } catch (error) {
    if (error instanceof ListFileFailure) return error.code;
    throw error;
  }
}

describe('a list file', () => {
  it.each([
    ['plain', numbers, numbers],
    ['with nothing in it', Buffer.alloc(0), Buffer.alloc(0)],
    ['gzipped', gzipSync(numbers), numbers],
    ['gzipped in two pieces', Buffer.concat([gzipSync(numbers), gzipSync(lines(3))]), Buffer.concat([numbers, lines(3)])],
    ['zipped', zipOf(named(numbers)), Buffer.concat([numbers, Buffer.from('\n')])],
    ['zipped with nothing in it', zipOf([]), Buffer.alloc(0)],
  ])('is read %s', async (_, content, unpacked) => {
    expect((await read(content)).equals(unpacked)).toBe(true);
  });

  it('of several in a zip is read in order, each on its own lines, and only what is a file', async () => {
    const files = [
      { name: 'b/', content: Buffer.alloc(0) },
      { name: 'b/one.txt', content: Buffer.from('202,5550143') },
      { name: '__MACOSX/b/._one.txt', content: Buffer.from([0, 5, 22, 7]) },
      { name: 'a.txt', content: Buffer.from('\ufeff203,5550143\n') },
    ];
    expect((await read(zipOf(files))).toString()).toBe('202,5550143\n203,5550143\n\n');
  });

  it('loses its byte order mark', async () => {
    expect((await read(Buffer.from('\ufeff2025550143'))).toString()).toBe('2025550143');
  });

  it.each([['plain', numbers], ['gzip', gzipSync(numbers)], ['zip', zipOf(named(numbers, numbers))]])('says how far a %s one has been read', async (packing, content) => {
    writeFileSync(path, content);
    const file = await openListFile(path);
    const seen: number[] = [];
    for await (const _ of file) seen.push(file.consumed);
    expect([file.size, file.packing, file.consumed]).toEqual([content.length, packing, content.length]);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect(seen[0]).toBeGreaterThan(0);
  });

  it.each([
    ['a gzip that is cut off', gzipSync(numbers).subarray(0, -9), 'file_truncated'],
    ['a gzip that is damaged', changed(gzipSync(numbers), 5_000), 'gzip_unreadable'],
    ['a zip that is cut off', zipOf(named(numbers)).subarray(0, -30), 'file_truncated'],
    ['a zip that is damaged', changed(zipOf(named(numbers)), 5_000), 'zip_unreadable'],
    ['a zip with a wrong checksum', zipOf([{ name: 'a', content: numbers, claims: { checksum: 1 } }]), 'zip_unreadable'],
    ['a zip with a wrong size', zipOf([{ name: 'a', content: numbers, claims: { size: 1 } }]), 'zip_unreadable'],
    ['a zip that is encrypted', zipOf([{ name: 'a', content: numbers, encrypted: true }]), 'zip_encrypted'],
    ['a zip in a zip', zipOf(named(zipOf(named(numbers)))), 'file_not_text'],
    ['UTF-16', Buffer.from('2025550143\n', 'utf16le'), 'file_not_text'],
    ['zeros in a gzip', gzipSync(Buffer.alloc(1_000)), 'file_not_text'],
  ])('fails as %s', async (_, content, code) => {
    expect(await failureOf(content)).toBe(code);
  });

  it.each([['plain', numbers], ['gzip', gzipSync(numbers)], ['zip', zipOf(named(lines(150_000), lines(150_000)))]])('fails as %s when it unpacks to too much', async (_, content) => {
    expect(await failureOf(content, { mostBytes: 3_500_000 })).toBe('too_large_unpacked');
    expect(await failureOf(content, { mostBytes: 3_700_000 })).toBeUndefined();
  });

  it('is closed when it is left early', async () => {
    for (const content of [numbers, gzipSync(numbers), zipOf(named(numbers))]) {
      writeFileSync(path, content);
      for await (const chunk of await openListFile(path)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    }
  });

  it('that cannot be opened is no failure of the file', async () => {
    await expect(openListFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is read or fails as files do, whatever is done to its bytes', async () => {
    const small = [gzipSync(lines(50)), zipOf(named(lines(20), lines(30)))];
    const changes = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...small), changes, fc.nat(400), async (content, damage, cut) => {
      const damaged = damage.reduce((bytes, [at, change]) => changed(bytes, at, change), content);
      await failureOf(damaged.subarray(0, content.length - (cut % content.length)));
    }), { numRuns: 300 });
  });
});

function changed(content: Buffer, at: number, change = 0x55): Buffer {
  const copy = Buffer.from(content);
  copy[at % copy.length]! ^= change;
  return copy;
}
