/** How far a rotation has come in its phase: how many keys of about how many, how fast, and how long it will still take. */
export interface RotationProgress {
  phase: 'waiting' | 'wrapping' | 'checking';
  done: number;
  total: number | null;
  perSecond: number;
  remainingSeconds: number | null;
}

export type RotationState = 'not_due' | 'asked' | 'waiting' | 'wrapping' | 'completed' | 'failed';

/** A rotation as it travels to its workflow: words, counts and instants. */
export interface RotationReport {
  state: RotationState;
  /** The number of the key that everything is wrapped with at its end. */
  kek: number | null;
  askedBy: string | null;
  activatedAt: string | null;
  /** Processes that have not read the key yet, or wrap with an older one still. */
  waitsFor: number;
  rewrapped: number;
  problem: string | null;
  /** When the key in use will be old enough; only while nothing is due. */
  dueAt: string | null;
}

/** The state of a rotation, by what has happened to it. */
export function stateOf({ kek, activatedAt, finishedAt, problem }: Record<'kek' | 'activatedAt' | 'finishedAt' | 'problem', unknown>): Exclude<RotationState, 'not_due'> {
  if (finishedAt !== null) return problem === null ? 'completed' : 'failed';
  if (kek === null) return 'asked';
  return activatedAt === null ? 'waiting' : 'wrapping';
}

const MEANINGS: Record<RotationState, string> = {
  not_due: 'The key in use is not old enough. Nothing was changed.',
  asked: 'Nothing has changed yet.',
  waiting: 'The new key is there. It is used once every process can open what it wraps.',
  wrapping: 'New leads are wrapped with the new key; those on record are wrapped anew, one batch after the other.',
  completed: 'The data key of every lead is wrapped with the new key.',
  failed: 'Not everything is wrapped with the new key. Keep the older ones.',
};

const PHASES = { waiting: 'Waiting for processes', wrapping: 'Wrapping', checking: 'Making sure that none is left' };

/** Why a rotation came to nothing, or not to everything, and what to do. */
const ADVICE: Record<string, string> = {
  key_folder_read_only: 'this worker may not write into the key folder: run "npm run keys -- rotate" where that is allowed, which asks for another rotation',
  unreadable_keys: 'some keys could not be opened by this worker and were left as they are: see that every older key is in the key folder',
};

/** What an operator reads on opening a rotation, in Markdown: what it is about, how far it is, what next. */
export function rotationCard(report: RotationReport | null, progress: RotationProgress | null): string {
  if (!report) return '### asked';
  const { state, kek, askedBy, activatedAt, waitsFor, rewrapped, problem, dueAt } = report;
  const lines = [
    ...(kek === null ? [] : [`to key-encryption key **${kek}**${askedBy === null ? '' : `, asked for by ${askedBy}`}`]),
    ...(activatedAt === null ? [] : [`in use since ${minute(activatedAt)}`]),
    ...(waitsFor === 0 ? [] : [`**${waitsFor}** processes are not that far`]),
    ...(rewrapped === 0 ? [] : [`**${count(rewrapped)}** keys were wrapped anew`]),
    ...(dueAt === null ? [] : [`it is due ${minute(dueAt)}`]),
    ...(problem === null ? [] : [`${problem}: ${ADVICE[problem] ?? 'see the log of the worker'}`]),
  ];
  const isOver = state === 'completed' || state === 'failed' || state === 'not_due';
  return [
    `### ${state}`,
    MEANINGS[state],
    ...(isOver || !progress ? [] : [progressLine(progress)]),
    lines.map((line) => `- ${line}`).join('\n'),
    ...(state === 'completed' ? ['Older keys can be destroyed once no backup needs them any more: `npm run keys -- retire`'] : []),
  ].filter((part) => part !== '').join('\n\n');
}

function progressLine({ phase, done, total, perSecond, remainingSeconds }: RotationProgress): string {
  const share = total ? ` (${Math.min(100, Math.floor((100 * done) / total))} %)` : '';
  const pace = perSecond === 0 ? '' : `, ${count(Math.round(perSecond))} keys a second`;
  const left = remainingSeconds === null ? '' : `, about ${remainingSeconds} s to go`;
  return `${PHASES[phase]}${share}${pace}${left}`;
}

function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** 1000000 as 1,000,000. */
function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
