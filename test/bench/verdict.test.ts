import { describe, expect, it } from '@jest/globals';
import { runSubject, type Figure, type Report } from '../../bench/harness.ts';
import { failuresOf, printReport } from '../../bench/verdict.ts';

function reportOf(...figures: Figure[]): Report {
  return { id: 'P0', title: 'a subject', figures };
}

describe('the verdict of a benchmark', () => {
  it('fails a figure beyond the tolerance of its target only', () => {
    const figures = [
      { name: 'fast enough', value: 5, target: { atLeast: 5 } },
      { name: 'nearly', value: 4.6, target: { atLeast: 5 } },
      { name: 'too slow', value: 4.4, target: { atLeast: 5 } },
      { name: 'too large', value: 56, target: { atMost: 50 } },
      { name: 'one difference', value: 1, target: { atMost: 0 } },
      { name: 'not measured', value: NaN, target: { atMost: 50 } },
      { name: 'only told', value: 99 },
    ];
    const failed = failuresOf(reportOf(...figures)).map(({ name }) => name);
    expect(failed).toEqual(['too slow', 'too large', 'one difference', 'not measured']);
  });

  it('is printed beside the figure', () => {
    const speed = { name: 'speed', value: 8.5, unit: 'x', target: { atLeast: 5 }, stretch: { atLeast: 8 } };
    const printed = printReport(reportOf(speed));
    expect(printed).toMatch(/speed +8\.50 x +target >= 5, stretch >= 8: stretch reached/);
  });
});

describe('a comparison', () => {
  it('lets both sides take turns, resets before each, and closes', async () => {
    const calls: string[] = [];
    const note = (call: string): void => void calls.push(call);
    const report = await runSubject({
      id: 'P0', title: 'a subject', ratio: 'speed', target: { atLeast: 0 },
      prepare: async () => ({
        subject: () => note('A'), yardstick: () => note('B'), reset: async () => note('-'), close: async () => note('closed'),
      }),
    });
    expect(calls.join('')).toBe(`${'-A-B'.repeat(6)}closed`);
    expect(report.timings?.subject.median).toBeGreaterThanOrEqual(0);
  });
});
