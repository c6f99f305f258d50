import type { Bound, Figure, Report } from './harness.ts';

/** How far beyond its target a figure may lie before the run fails: machines differ, and so do two runs on one. */
const TOLERANCE = 0.1;

/** The figures that miss their target by more than the tolerance. */
export function failuresOf({ figures }: Report): Figure[] {
  return figures.filter((figure) => figure.target && !keeps(figure.value, figure.target, TOLERANCE));
}

/** The report as lines for a terminal. */
export function printReport({ id, title, figures, timings }: Report): string {
  const lines = [`${id}  ${title}`];
  for (const [side, timing] of Object.entries(timings ?? {})) {
    const [median, fastest, slowest, cpu] = [timing.median, timing.fastest, timing.slowest, timing.cpu].map((s) => s.toFixed(3));
    lines.push(`    ${side.padEnd(10)} median ${median} s (${fastest} to ${slowest}), CPU ${cpu} s`);
  }
  return [...lines, ...figures.map(printFigure), ''].join('\n');
}

function printFigure({ name, value, unit = '', target, stretch }: Figure): string {
  const shown = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(2) : String(value);
  const figure = `    ${name.padEnd(32)} ${shown.padStart(12)} ${unit.padEnd(8)}`;
  if (!target) return figure.trimEnd();
  const goals = `target ${describe(target)}${stretch ? `, stretch ${describe(stretch)}` : ''}`;
  return `${figure} ${goals}: ${verdict(value, target, stretch)}`;
}

function verdict(value: Figure['value'], target: Bound, stretch?: Bound): string {
  if (stretch && keeps(value, stretch, 0)) return 'stretch reached';
  if (keeps(value, target, 0)) return 'reached';
  return keeps(value, target, TOLERANCE) ? `missed, within ${TOLERANCE * 100} %` : 'MISSED';
}

function keeps(value: Figure['value'], bound: Bound, tolerance: number): boolean {
  if (typeof value !== 'number') return false;
  return 'atLeast' in bound ? value >= bound.atLeast * (1 - tolerance) : value <= bound.atMost * (1 + tolerance);
}

function describe(bound: Bound): string {
  return 'atLeast' in bound ? `>= ${bound.atLeast}` : `<= ${bound.atMost}`;
}
