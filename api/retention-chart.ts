import { countScale, type Scale } from './chart-scales.ts';
import type { RetentionReport } from './retention-report-bodies.ts';

/** The drawing, in units of the page's pixels at its full width: what is archived above, what is destroyed below. */
const WIDTH = 760;
const HEIGHT = 330;
const [LEFT, RIGHT] = [72, WIDTH - 16];
const ARCHIVE = [140, 34] as const;
const DISPOSE = [288, 182] as const;
/** Names that fit side by side below the months. */
const MOST_NAMES = 13;

type Month = RetentionReport['months'][number];

/** How many leads are archived and destroyed in each month, as SVG with its words; empty where none is. */
export function retentionChart({ months }: RetentionReport): string {
  if (months.every(({ archive, dispose, held }) => archive.leads + dispose.leads + held.leads === 0)) return '';
  const archive = countScale([0, ...months.map((each) => each.archive.leads)], ARCHIVE);
  const dispose = countScale([0, ...months.map((each) => each.dispose.leads + each.held.leads)], DISPOSE);
  const step = (RIGHT - LEFT) / months.length;
  const bars = months.map((month, nth) => barsOf(month, LEFT + nth * step, step, archive, dispose));
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="horizon-title" aria-describedby="horizon-words">
<title id="horizon-title">Leads that fall due, by month</title>
<desc id="horizon-words">${chartWords(months)}</desc>
${panel(archive, ARCHIVE, 'Personal data leaves the hot tables (archive)')}
${panel(dispose, DISPOSE, 'Personal data is destroyed (lighter: held by an order, and kept)')}
${bars.join('')}
${names(months, step)}
</svg>`;
}

function barsOf(month: Month, left: number, step: number, archive: Scale, dispose: Scale): string {
  const [x, width] = [tenth(left + step * 0.15), tenth(step * 0.7)];
  const say = (kind: string, from: number, to: number, words: string) => {
    if (from === to) return '';
    return `<rect class="${kind}" x="${x}" y="${to}" width="${width}" height="${tenth(from - to)}"><title>${month.month}: ${words}</title></rect>`;
  };
  const [destroyed, held] = [month.dispose.leads, month.held.leads];
  return [
    say('archived', archive.place(0), archive.place(month.archive.leads), `${count(month.archive.leads)} archived`),
    say('destroyed', dispose.place(0), dispose.place(destroyed), `${count(destroyed)} destroyed`),
    say('kept', dispose.place(destroyed), dispose.place(destroyed + held), `${count(held)} held`),
  ].join('');
}

function panel(scale: Scale, [bottom, top]: readonly [number, number], words: string): string {
  const rules = scale.ticks.map(({ value, label }) => {
    const y = scale.place(value);
    return `<path class="grid" d="M${LEFT} ${y}H${RIGHT}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;
  });
  return `<text class="caption" x="${LEFT}" y="${top - 14}">${words}</text>${rules.join('')}<path class="axis" d="M${LEFT} ${bottom}H${RIGHT}"/>`;
}

function names(months: readonly Month[], step: number): string {
  const every = Math.ceil(months.length / MOST_NAMES);
  return months.map(({ month }, nth) => {
    return nth % every === 0 ? `<text x="${tenth(LEFT + (nth + 0.5) * step)}" y="${DISPOSE[0] + 18}" text-anchor="middle">${month}</text>` : '';
  }).join('');
}

/** What the picture shows, for those who do not see it. */
function chartWords(months: readonly Month[]): string {
  const sum = (pick: (month: Month) => number) => count(months.reduce((total, month) => total + pick(month), 0));
  return `From ${months[0]?.month} to ${months.at(-1)?.month}: ${sum(({ archive }) => archive.leads)} leads are archived, ` +
    `${sum(({ dispose }) => dispose.leads)} destroyed, and ${sum(({ held }) => held.leads)} kept by an order.`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
