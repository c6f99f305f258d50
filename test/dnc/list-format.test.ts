import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kindsOf, readFormat, type ListFormat } from '../../dnc/list-format.ts';
import { DomainError } from '../../domain/problem.ts';

describe('the format of a list file', () => {
  it.each<[string, ListFormat, string[]]>([
    ['lines', { kind: 'lines' }, ['full', 'change']],
    ['ftc_full', { kind: 'ftc_full' }, ['full']],
    ['ftc_full_xml', { kind: 'ftc_full_xml' }, ['full']],
    ['ftc_change_csv', { kind: 'ftc_change_csv' }, ['change']],
    ['ftc_change_xml', { kind: 'ftc_change_xml' }, ['change']],
    ['tps_fixed', { kind: 'tps_fixed' }, ['full']],
    ['delimited:{"delimiter":"|","columns":[0,1]}', { kind: 'delimited', delimiter: '|', columns: [0, 1] }, ['full', 'change']],
    ['fixed:{"columns":[{"start":0,"length":10}]}', { kind: 'fixed', columns: [{ start: 0, length: 10 }] }, ['full', 'change']],
    [
      'delimited:{"delimiter":"\\t","columns":[3],"action":{"column":2,"add":"A","remove":"D"}}',
      { kind: 'delimited', delimiter: '\t', columns: [3], action: { column: 2, add: 'A', remove: 'D' } },
      ['change'],
    ],
  ])('%s is read', (text, format, kinds) => {
    expect(readFormat(text)).toEqual(format);
    expect(kindsOf(readFormat(text))).toEqual(kinds);
  });

  it.each([
    ['nothing', ''],
    ['an unknown name', 'csv'],
    ['a name with more behind it', 'lines:{}'],
    ['no JSON', 'delimited:columns'],
    ['JSON that is no object', 'fixed:[1]'],
    ['an unknown field', 'fixed:{"columns":[{"start":0,"length":10}],"header":true}'],
    ['an unknown field further in', 'fixed:{"columns":[{"start":0,"length":10,"trim":true}]}'],
    ['a delimiter of two characters', 'delimited:{"delimiter":"||","columns":[0]}'],
    ['a digit as delimiter', 'delimited:{"delimiter":"1","columns":[0]}'],
    ['no columns', 'delimited:{"delimiter":"|","columns":[]}'],
    ['a negative column', 'delimited:{"delimiter":"|","columns":[-1]}'],
    ['half a column', 'delimited:{"delimiter":"|","columns":[0.5]}'],
    ['a column by name', 'delimited:{"delimiter":"|","columns":["phone"]}'],
    ['columns of no length', 'fixed:{"columns":[{"start":0,"length":0}]}'],
    ['one word for both actions', 'delimited:{"delimiter":"|","columns":[0],"action":{"column":2,"add":"A","remove":"A"}}'],
    ['an action without its column', 'delimited:{"delimiter":"|","columns":[0],"action":{"add":"A","remove":"D"}}'],
  ])('is refused with %s, and never shown again', (_, text) => {
    const error = failureOf(text);
    expect(error).toMatchObject({ code: 'invalid_request', parts: [{ pointer: '?format', code: 'invalid_format' }] });
  });

  it('is a format or a refusal, whatever is sent', () => {
    const text = fc.tuple(fc.constantFrom('', 'delimited:', 'fixed:', 'lines'), fc.oneof(fc.string(), fc.json())).map((parts) => parts.join(''));
    fc.assert(fc.property(text, (sent) => {
      const error = failureOf(sent);
      expect(error === undefined || error instanceof DomainError).toBe(true);
    }));
  });
});

function failureOf(text: string): unknown {
  try {
    readFormat(text);
    return undefined;
  } catch (error) {
    return error;
  }
}
