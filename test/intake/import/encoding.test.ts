import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, detectEncoding } from '../../../intake/import/encoding.ts';
import { ImportFailure } from '../../../intake/import/import-failure.ts';

async function* chunked(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function decode(bytes: Buffer, label?: string, length = bytes.length + 1): Promise<string> {
  let text = '';
  for await (const part of decodeText(chunked(bytes, length), detectEncoding(bytes, label))) text += part;
  return text;
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const mark = { utf8: Buffer.from([0xef, 0xbb, 0xbf]), le: Buffer.from([0xff, 0xfe]), be: Buffer.from([0xfe, 0xff]) };

describe('the encoding of a file', () => {
  it.each([
    ['UTF-8', Buffer.from('Zoë 小明 😀'), undefined],
    ['UTF-8 with a byte order mark', Buffer.concat([mark.utf8, Buffer.from('Zoë 小明 😀')]), undefined],
    ['UTF-16LE with a byte order mark', Buffer.concat([mark.le, Buffer.from('Zoë 小明 😀', 'utf16le')]), undefined],
    ['UTF-16BE with a byte order mark', Buffer.concat([mark.be, utf16be('Zoë 小明 😀')]), undefined],
    ['UTF-16LE by name', Buffer.from('Zoë 小明 😀', 'utf16le'), 'utf-16le'],
    ['a byte order mark against the name', Buffer.concat([mark.utf8, Buffer.from('Zoë 小明 😀')]), 'windows-1252'],
  ])('is found: %s', async (_, bytes, label) => {
    for (const length of [1, 2, 3, 5, 1000]) expect(await decode(bytes, label, length)).toBe('Zoë 小明 😀');
  });

  it.each([
    ['windows-1252', [0x5a, 0x6f, 0xeb, 0x80], 'Zoë€'],
    ['iso-8859-1', [0x5a, 0x6f, 0xeb], 'Zoë'],
    ['gb18030', [0xd0, 0xa1, 0xc3, 0xf7], '小明'],
    ['shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
  ])('is what its sender names: %s', async (label, bytes, text) => {
    for (const length of [1, 1000]) expect(await decode(Buffer.from(bytes), label, length)).toBe(text);
  });

  it('reads any text in chunks of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1, max: 6 }), async (text, length) => {
        expect(await decode(Buffer.concat([mark.utf8, Buffer.from(text)]), undefined, length)).toBe(text);
        expect(await decode(Buffer.concat([mark.be, utf16be(text)]), undefined, length)).toBe(text);
      }),
    );
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x5a, 0x6f, 0xeb, 0x2c]), undefined, 'unknown_encoding'],
    ['a character cut off at the end', Buffer.from('Zoë').subarray(0, 3), undefined, 'unknown_encoding'],
    ['half a UTF-16 unit', Buffer.concat([mark.le, Buffer.from('ab', 'utf16le'), Buffer.from('c')]), undefined, 'unknown_encoding'],
    ['text that is not in the encoding named', Buffer.from([0x81, 0xff, 0xff]), 'gb18030', 'unknown_encoding'],
    ['UTF-16 without a mark or a name', Buffer.from('Phone,Name', 'utf16le'), undefined, 'not_text'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), undefined, 'not_text'],
    ['an Excel workbook', Buffer.from('PK\x03\x04abc', 'latin1'), undefined, 'not_text'],
    ['an old Excel workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), undefined, 'not_text'],
    ['a PDF', Buffer.from('%PDF-1.7'), undefined, 'not_text'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), undefined, 'not_text'],
  ])('is refused: %s', async (_, bytes, label, code) => {
    for (const length of [1, 1000]) {
      const failure = await decode(bytes, label, length).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ImportFailure);
      expect((failure as ImportFailure).code).toBe(code);
    }
  });

  it('names gzip and workbooks, and says what to do', () => {
    expect(() => detectEncoding(Buffer.from([0x1f, 0x8b, 8, 0]), undefined)).toThrow(/gzip data.*Content-Encoding/);
    expect(() => detectEncoding(Buffer.from('PK\x03\x04', 'latin1'), undefined)).toThrow(/Excel workbook.*CSV/);
  });
});
