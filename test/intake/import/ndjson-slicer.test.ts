import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlicingError } from '../../../intake/import/csv-slicer.ts';
import { NdjsonSlicer } from '../../../intake/import/ndjson-slicer.ts';

describe('the NDJSON slicer', () => {
  it('cuts at line feeds, however the text is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '\n', '\r', 'é', '"'), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (lines, length) => {
        const slicer = new NdjsonSlicer();
        const records: string[][] = [];
        for (let at = 0; at < lines.length; at += length) records.push(...slicer.push(lines.slice(at, at + length)));
        const expected = lines.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect([...records, ...slicer.end()].map(([line]) => line)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives up on a line that does not end', () => {
    const slicer = new NdjsonSlicer();
    const push = () => {
      for (let pushed = 0; pushed < 9; pushed += 1) slicer.push('x'.repeat(1_000_000));
    };
    expect(push).toThrow(SlicingError);
  });
});
