/** A stretch of values and the stretch of the page that it is drawn on. */
export interface Scale {
  /** Where a value is drawn, to a tenth. */
  place(value: number): number;
  ticks: readonly { value: number; label: string }[];
  /** Whether the axis begins at zero. */
  fromZero: boolean;
}

const MONTH_DAYS = 30.44;
const DAY_MS = 86_400_000;

/** Counts from the least to the most, with about `ticks` round marks. Where they are close together, not from zero. */
export function countScale(values: readonly number[], [bottom, top]: readonly [number, number], ticks = 3): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values, 1)];
  const fromZero = least <= 0 || most - least > most * 0.4 || most === least;
  const low = fromZero ? Math.min(0, least) : least;
  const step = roundStep((most - low) / ticks);
  const [first, last] = [Math.floor(low / step) * step, Math.ceil(most / step) * step];
  const marks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, nth) => first + nth * step);
  return {
    place: (value) => tenth(bottom + ((value - first) / (last - first)) * (top - bottom)),
    ticks: marks.map((value) => ({ value, label: countLabel(value, step) })),
    fromZero,
  };
}

/** Counts up and down from zero, as far as they go on each side, with round marks in between. */
export function balanceScale(up: number, down: number, [bottom, top]: readonly [number, number]): Scale {
  const [most, least] = [Math.max(up, 1) * 1.05, -Math.max(down, up / 8, 0.2) * 1.05];
  const step = roundStep((most - least) / 4);
  const [above, below] = [Math.floor(most / step), Math.floor(-least / step)];
  const marks = Array.from({ length: above + below + 1 }, (_, nth) => (nth - below) * step);
  return {
    place: (value) => tenth(bottom + ((Math.min(Math.max(value, least), most) - least) / (most - least)) * (top - bottom)),
    ticks: marks.map((value) => ({ value, label: countLabel(Math.abs(value), step) })),
    fromZero: true,
  };
}

/** Moments from the first to the last, marked at the beginning of days or months (UTC), about `ticks` of them. */
export function timeScale(from: number, to: number, [left, right]: readonly [number, number], ticks = 6): Scale {
  const span = Math.max(to - from, 1);
  const marks = momentMarks(from, to, span / DAY_MS / ticks);
  return { place: (value) => tenth(left + ((value - from) / span) * (right - left)), ticks: marks, fromZero: false };
}

function momentMarks(from: number, to: number, days: number): { value: number; label: string }[] {
  if (days > MONTH_DAYS / 2) return monthMarks(from, to, [1, 2, 3, 6, 12].find((months) => months * MONTH_DAYS >= days) ?? 24);
  const step = ([1 / 24, 1 / 4, 1 / 2, 1, 2, 7, 14].find((each) => each >= days) ?? 14) * DAY_MS;
  const marks: { value: number; label: string }[] = [];
  for (let value = Math.ceil(from / step) * step; value <= to; value += step) {
    const text = new Date(value).toISOString();
    marks.push({ value, label: step < DAY_MS ? text.slice(5, 16).replace('T', ' ') : text.slice(0, 10) });
  }
  return marks;
}

function monthMarks(from: number, to: number, months: number): { value: number; label: string }[] {
  const start = new Date(from);
  const marks: { value: number; label: string }[] = [];
  for (let month = Math.floor(start.getUTCMonth() / months) * months; ; month += months) {
    const value = Date.UTC(start.getUTCFullYear(), month);
    if (value > to) return marks;
    if (value >= from) marks.push({ value, label: new Date(value).toISOString().slice(0, 7) });
  }
}

/** 1, 2 or 5 times a power of ten, no less than the given; counts have no fractions. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}

const UNITS = [[1_000_000, 'M'], [1_000, 'k']] as const;

/** As short as the steps of the axis allow: 250.1M, 12k, 999,990. */
function countLabel(value: number, step: number): string {
  const [unit, name] = UNITS.find(([size]) => Math.abs(value) >= size && step >= size / 100) ?? [1, ''];
  const digits = Math.max(0, Math.ceil(Math.log10(unit / step)));
  return `${(value / unit).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${name}`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
