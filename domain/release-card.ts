/** How far a release has come in its phase: how much of what, how fast, and how long it will still take. */
export interface ReleaseProgress {
  phase: string;
  done: number;
  total: number | null;
  perSecond: number;
  remainingSeconds: number | null;
}

/** A release as it travels to its workflow: words and counts, instants as RFC 3339 text, no number of anybody. */
export interface ReleaseReport {
  list: string;
  listName: string;
  kind: 'full' | 'change';
  asOf: string;
  dryRun: boolean;
  state: string;
  lines: number | null;
  refused: number | null;
  numbers: number | null;
  foreign: number | null;
  added: number | null;
  removed: number | null;
  /** The `asOf` of the release that it was compared with; null where there was none. */
  baseAsOf: string | null;
  leads: { checked: number; hit: number; freed: number } | null;
  problem: { code: string; detail: string } | null;
  /** Whether the file is to blame for that. */
  isUnusable: boolean;
}

const MEANINGS: Record<string, string> = {
  receiving: 'The file is stored; its turn has not come yet.',
  parsing: 'The file is read and compared with the list as it is. Nothing has changed yet.',
  awaiting_approval: 'It would take so much off the list that a person has to look at it. Nothing has changed yet.',
  in_force: 'Every answer since then is by this release.',
  superseded: 'A later release has taken its place.',
  failed: 'Nothing has changed: the release before it stays in force.',
};

const NEXT: Record<string, string> = {
  receiving: 'It is worked on once older releases of the list are done with',
  parsing: 'When it is ready it comes into force at once, unless it takes off too much',
  awaiting_approval: 'Somebody approves or abandons it (POST .../approve or .../abandon), or a newer release takes its place',
};

const PHASES: Record<string, string> = {
  reading: 'Reading the file',
  comparing: 'Comparing it with the list',
  writing: 'Writing down what differs',
  matching: 'Looking up the changed numbers among the leads',
  activating: 'Coming into force',
};

/** What a compliance officer reads on opening a release, in Markdown: what it is, what changed, who was affected, what next. */
export function releaseCard(report: ReleaseReport | null, progress: ReleaseProgress | null): string {
  if (!report) return '### receiving';
  const { state, list, listName, kind, asOf, dryRun } = report;
  const isOver = state === 'in_force' || state === 'superseded' || state === 'failed';
  return [
    `### ${dryRun ? `dry run: ${dryRunState(state)}` : state}`,
    dryRun && state === 'superseded' ? 'It was tried out, and never came into force.' : MEANINGS[state] ?? '',
    `**${list}** (${listName}), ${kind} release as of **${minute(asOf)}**`,
    ...(isOver || !progress ? [] : [progressLine(progress)]),
    ...section('What was in the file', fileLines(report)),
    ...section('What changed', changeLines(report)),
    ...section('Who was affected', leadLines(report)),
    ...section('What happens next', [nextLine(report)]),
  ].filter((part) => part !== '').join('\n\n').replaceAll('\n\n- ', '\n- ');
}

function dryRunState(state: string): string {
  return state === 'superseded' ? 'done' : state;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`#### ${title}`, ...lines.map((line) => `- ${line}`)];
}

/** What the pace of a phase counts. */
const UNITS: Record<string, string> = { reading: 'bytes', comparing: 'blocks', writing: 'blocks', matching: 'numbers' };

function progressLine({ phase, done, total, perSecond, remainingSeconds }: ReleaseProgress): string {
  const share = total ? ` (${Math.floor((100 * done) / total)} %)` : '';
  const left = remainingSeconds === null ? '' : `, about ${remainingSeconds} s to go`;
  return `${PHASES[phase] ?? phase}${share}, ${count(Math.round(perSecond))} ${UNITS[phase] ?? 'steps'} a second${left}`;
}

function fileLines({ lines, refused }: ReleaseReport): string[] {
  if (lines === null) return [];
  return [`${count(lines)} lines`, refused ? `**${count(refused)}** of them could not be read` : 'all of them could be read'];
}

function changeLines({ added, removed, numbers, foreign, baseAsOf, state, dryRun }: ReleaseReport): string[] {
  if (added === null || removed === null || numbers === null) return [];
  const verbs = state === 'failed' || state === 'awaiting_approval' || dryRun ? ['would come', 'would leave'] : ['came', 'left'];
  return [
    baseAsOf === null ? 'the first release of the list' : `compared with the release as of ${minute(baseAsOf)}`,
    `**${count(added)}** numbers ${verbs[0]} onto the list, **${count(removed)}** ${verbs[1]} it`,
    `${count(numbers)} numbers in all${foreign ? `, ${count(foreign)} of them of another country and without effect` : ''}`,
  ];
}

function leadLines({ leads }: ReleaseReport): string[] {
  if (!leads) return [];
  return [
    `${count(leads.checked)} changed numbers were looked up among the leads`,
    `leads that are listed since: **${count(leads.hit)}**; leads that are listed no more: **${count(leads.freed)}**; nobody else was touched`,
  ];
}

function nextLine({ state, problem, dryRun }: ReleaseReport): string {
  if (problem) return `${problem.code}: ${problem.detail}`;
  if (state === 'in_force' && !dryRun) return 'The leads concerned are reviewed, one after the other; clearances know already';
  return (dryRun ? undefined : NEXT[state]) ?? 'Nothing more';
}

function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** 1000000 as 1,000,000. */
function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
