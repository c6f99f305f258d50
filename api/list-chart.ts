import { balanceScale, countScale, timeScale, type Scale } from './chart-scales.ts';
import { escapeHtml } from './html.ts';
import type { ReportedList } from './list-report-bodies.ts';

/** The drawing, in units of the page's pixels at its full width: size above, leads below, over one time axis. */
const WIDTH = 760;
const HEIGHT = 300;
const [LEFT, RIGHT] = [88, WIDTH - 72];
const SIZE = [158, 34] as const;
const LEADS = [262, 202] as const;
const BAR = 5;
/** How far beyond now the axis reaches for the day on which the list goes stale. */
const AHEAD = 0.35;

interface Step {
  time: number;
  numbers: number;
  hit: number;
  freed: number;
  words: string;
}

/** The size of a list and the leads that it hit and freed, over time, as SVG with its words; empty without a release. */
export function listChart(list: ReportedList, now: Date): string {
  const steps = list.growth.map((step) => ({ ...step, time: Date.parse(step.asOf), words: stepWords(step) }));
  const [first] = steps;
  if (!first) return '';
  const staleAt = list.freshness.staleAt === null ? null : Date.parse(list.freshness.staleAt);
  const time = timeScale(...reach(first.time, now.getTime(), staleAt), [LEFT, RIGHT]);
  const id = escapeHtml(list.list);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title-${id}" aria-describedby="words-${id}">
<title id="title-${id}">${id}: numbers on the list, and leads that each release hit and freed</title>
<desc id="words-${id}">${escapeHtml(chartWords(list, steps))}</desc>
${timeAxis(time)}
${sizePanel(steps, time, now.getTime())}
${leadPanel(steps, time)}
${moments(time, now.getTime(), staleAt)}
</svg>`;
}

/** From the first release to now, and on to where the list goes stale, where that is not far. */
function reach(first: number, now: number, staleAt: number | null): [from: number, to: number] {
  const span = Math.max(now - first, 86_400_000);
  const isNear = staleAt !== null && staleAt <= now + span * AHEAD;
  return [now - span, Math.max(now, isNear ? staleAt : now) + span * 0.02];
}

function sizePanel(steps: readonly Step[], time: Scale, now: number): string {
  const size = countScale(steps.map(({ numbers }) => numbers), SIZE);
  const points = steps.map(({ time: at, numbers }) => [time.place(at), size.place(numbers)] as const);
  const [x0 = LEFT] = points[0] ?? [];
  const line = points.map(([x, y], nth) => (nth === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join('') + `H${time.place(now)}`;
  const dots = steps.length > 40 ? '' : points.map(([x, y], nth) => `<circle class="dot" cx="${x}" cy="${y}" r="3"><title>${words(steps[nth])}</title></circle>`).join('');
  return `<g>${caption(SIZE[1], `Numbers on the list${size.fromZero ? '' : ' (the axis does not begin at 0)'}`)}${rules(size)}
<path class="area" d="${line}V${SIZE[0]}H${x0}Z"/><path class="line" d="${line}"/>${dots}</g>`;
}

function leadPanel(steps: readonly Step[], time: Scale): string {
  const [up, down] = [steps.map(({ hit }) => hit), steps.map(({ freed }) => freed)];
  const leads = balanceScale(mostShown(up), mostShown(down), LEADS);
  const bars = steps.flatMap((step) => [bar(step, step.hit, 'hit', time, leads), bar(step, -step.freed, 'freed', time, leads)]);
  const cut = [...cutLabels(up, steps, time, LEADS[1] + 9), ...cutLabels(down, steps, time, LEADS[0] - 2)];
  return `<g>${caption(LEADS[1], 'Leads put on the list (up) and taken off it (down) by each release')}${rules(leads)}${cut.join('')}
<path class="axis" d="M${LEFT} ${leads.place(0)}H${RIGHT}"/>${bars.join('')}</g>`;
}

/** A release that outdoes all others, as the first does, is cut and labelled: the others would not be seen beside it. */
function mostShown(counts: readonly number[]): number {
  const [most = 0, next = 0] = [...counts].sort((a, b) => b - a);
  return next > 0 && most > 3 * next ? 1.5 * next : most;
}

function cutLabels(counts: readonly number[], steps: readonly Step[], time: Scale, y: number): string[] {
  const most = mostShown(counts);
  return counts.flatMap((leads, nth) => (leads > most ? [`<text x="${time.place(steps[nth]?.time ?? 0) + BAR}" y="${y}">${count(leads)}</text>`] : []));
}

function bar(step: Step, leads: number, kind: string, time: Scale, scale: Scale): string {
  if (leads === 0) return '';
  const [from, to] = [scale.place(0), scale.place(leads)];
  // A few leads beside many thousand are still to be seen.
  const height = Math.max(Math.abs(to - from), 1.5);
  const top = leads > 0 ? from - height : from;
  return `<rect class="${kind}" x="${time.place(step.time) - BAR / 2}" y="${top}" width="${BAR}" height="${height}"><title>${words(step)}</title></rect>`;
}

function timeAxis(time: Scale): string {
  const bottom = LEADS[0];
  const marks = time.ticks.map(({ value, label }) => {
    const x = time.place(value);
    return `<path class="grid" d="M${x} ${SIZE[1]}V${SIZE[0]}M${x} ${LEADS[1]}V${bottom}"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
  });
  return `<g>${marks.join('')}<text x="${RIGHT}" y="${bottom + 34}" text-anchor="end">as of, UTC</text></g>`;
}

function rules(scale: Scale): string {
  return scale.ticks.map(({ value, label }) => {
    const y = scale.place(value);
    return `<path class="grid" d="M${LEFT} ${y}H${RIGHT}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;
  }).join('');
}

function caption(top: number, text: string): string {
  return `<text class="caption" x="${LEFT}" y="${top - 14}">${text}</text>`;
}

/** Now, and where it goes or went stale, the earlier of them with its word to the left, the later one to the right. */
function moments(time: Scale, now: number, staleAt: number | null): string {
  const isStale = staleAt !== null && staleAt < now;
  const stale = staleAt === null ? '' : moment(time.place(staleAt), 'stale', isStale ? 'stale since' : 'stale from', isStale ? 'end' : 'start');
  return moment(time.place(now), 'now', 'now', isStale ? 'start' : 'end') + stale;
}

function moment(x: number, kind: string, label: string, anchor: 'start' | 'end'): string {
  if (x < LEFT || x > RIGHT) return '';
  return `<path class="${kind}" d="M${x} ${SIZE[1] - 6}V${SIZE[0] + 18}M${x} ${LEADS[1]}V${LEADS[0]}"/>
<text class="${kind}" x="${anchor === 'start' ? x + 5 : x - 5}" y="${SIZE[0] + 14}" text-anchor="${anchor}">${label}</text>`;
}

function words(step: Step | undefined): string {
  return escapeHtml(step?.words ?? '');
}

function stepWords({ asOf, numbers, added, removed, hit, freed }: ReportedList['growth'][number]): string {
  return `${asOf.slice(0, 10)}: ${count(numbers)} numbers, ${count(added)} added and ${count(removed)} removed, ${count(hit)} leads hit and ${count(freed)} freed`;
}

/** What the picture shows, for those who do not see it. */
function chartWords(list: ReportedList, steps: readonly Step[]): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) return '';
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const sum = (pick: (step: Step) => number) => count(steps.reduce((total, step) => total + pick(step), 0));
  const stale = list.freshness.staleAt === null ? '' : ` By law it is fresh until ${list.freshness.staleAt.slice(0, 10)}.`;
  return `${steps.length === 1 ? 'One release' : `${steps.length} releases`}, from ${count(first.numbers)} numbers as of ${day(first.time)} to ${count(last.numbers)} as of ` +
    `${day(last.time)}. ${sum(({ hit }) => hit)} leads were hit and ${sum(({ freed }) => freed)} freed by them.${stale}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
