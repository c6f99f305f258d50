import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** A bound on a ratio or figure. Its direction says which way is better. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** One measured value; with a target it can fail the run. */
export type Figure = { name: string; value: number | string; unit?: string; target?: Bound; stretch?: Bound };

/** One turn of a side; the seconds it took, where it also does what is not to be measured, such as starting those who ask. */
type Side = () => void | Promise<void | number>;

/** The two sides of a race, prepared and checked. `reset` runs untimed before each of their turns. */
export type Race = {
  subject: Side;
  yardstick: Side;
  reset?(): Promise<void>;
  checks?(): Figure[] | Promise<Figure[]>;
  close?(): Promise<void>;
};

/**
 * Two ways of doing the same work. The ratio is `speed`, how many times as fast the subject is as the yardstick, or
 * `time`, how many times as long it takes.
 */
export type Comparison = {
  id: string;
  title: string;
  ratio: 'speed' | 'time';
  target: Bound;
  stretch?: Bound;
  repeats?: number;
  /** Turns of each side that do not count: programs that run for months are measured warm. One, if left out. */
  warmUps?: number;
  prepare(): Promise<Race>;
};

/** Work whose result is figures of its own: counts, bytes. */
export type Measurement = { id: string; title: string; measure(): Promise<Figure[]> };

export type Subject = Comparison | Measurement;

/** Medians and spread of one side: seconds of the clock, and seconds of this process's CPU. */
type Timing = { median: number; fastest: number; slowest: number; cpu: number };
type Turn = { seconds: number; cpu: number };

export type Report = { id: string; title: string; figures: Figure[]; timings?: { subject: Timing; yardstick: Timing } };

const REPEATS = 5;

/** Runs one subject: a comparison as A B A B ... after its turns to warm up, a measurement once. */
export async function runSubject(subject: Subject): Promise<Report> {
  const { id, title } = subject;
  if ('measure' in subject) return { id, title, figures: await subject.measure() };
  const race = await subject.prepare();
  try {
    const { repeats = REPEATS, warmUps = 1 } = subject;
    const timings = await takeTurns(race, { repeats: Math.max(REPEATS, repeats), warmUps });
    const figures = [ratioOf(subject, timings), ...await race.checks?.() ?? []];
    return { id, title, figures, timings };
  } finally {
    await race.close?.();
  }
}

async function takeTurns(
  race: Race, { repeats, warmUps }: { repeats: number; warmUps: number },
): Promise<{ subject: Timing; yardstick: Timing }> {
  const subject: Turn[] = [];
  const yardstick: Turn[] = [];
  for (let turn = 0; turn < warmUps + repeats; turn++) {
    subject.push(await time(race, 'subject'));
    yardstick.push(await time(race, 'yardstick'));
  }
  return { subject: summarise(subject.slice(warmUps)), yardstick: summarise(yardstick.slice(warmUps)) };
}

async function time(race: Race, side: 'subject' | 'yardstick'): Promise<Turn> {
  await race.reset?.();
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const measured = await race[side]();
  const seconds = measured ?? (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  return { seconds, cpu: (used.user + used.system) / 1e6 };
}

function summarise(turns: Turn[]): Timing {
  const seconds = turns.map((turn) => turn.seconds);
  return {
    median: median(seconds),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
    cpu: median(turns.map((turn) => turn.cpu)),
  };
}

function ratioOf({ ratio, target, stretch }: Comparison, { subject, yardstick }: { subject: Timing; yardstick: Timing }): Figure {
  const value = ratio === 'speed' ? yardstick.median / subject.median : subject.median / yardstick.median;
  return { name: `${ratio} of subject to yardstick`, value, unit: 'x', target, ...stretch && { stretch } };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Keeps a report as JSON, with the machine it was taken on. */
export async function saveReport(report: Report, folder: URL): Promise<void> {
  await mkdir(folder, { recursive: true });
  const machine = { node: process.version, platform: process.platform, cpu: cpus()[0]?.model, cores: cpus().length };
  const content = JSON.stringify({ takenAt: new Date(), machine, ...report }, null, 2);
  await writeFile(new URL(`${report.id}.json`, folder), `${content}\n`);
}
