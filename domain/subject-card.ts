/** A request of a person as its workflow shows it. Instants are RFC 3339 text; nothing personal. */
export interface RequestSummary {
  kind: string;
  state: string;
  /** What it waits for now: a word of a closed list; null when it has ended. */
  waitsFor: 'identity' | 'answer' | 'hold' | 'archive' | 'disposal' | null;
  /** How near the next deadline is. */
  alarm: 'due_soon' | 'urgent' | 'overdue' | null;
  deadlines: { jurisdiction: string; kind: string; dueAt: string; source: string }[];
  disposalId: string | null;
}

const WAITS: Record<NonNullable<RequestSummary['waitsFor']>, string> = {
  identity: 'Waits for the person to show who they are, with a code or by somebody who vouches for them.',
  answer: 'Waits for somebody to answer it.',
  hold: 'Waits for the end of a legal hold; until then nothing is destroyed.',
  archive: 'Waits for what is sealed in the archive.',
  disposal: 'Waits for every store to confirm the disposal.',
};

const ALARMS: Record<NonNullable<RequestSummary['alarm']>, string> = {
  due_soon: 'A deadline is less than a week away.',
  urgent: '**A deadline is less than two days away.**',
  overdue: '**A deadline has passed.**',
};

/** What an operator reads on opening a request, in Markdown. */
export function requestCard({ kind, state, waitsFor, alarm, deadlines, disposalId }: RequestSummary): string {
  return [
    `### ${kind}: ${state.replaceAll('_', ' ')}`,
    ...(waitsFor ? [WAITS[waitsFor]] : []),
    ...(alarm ? [ALARMS[alarm]] : []),
    ...(disposalId === null ? [] : [`Certificate of the disposal: \`GET /v1/disposals/${disposalId}/certificate\``]),
    ...(deadlines.length > 0 ? ['#### What is due', deadlines.map(line).join('\n')] : []),
  ].join('\n\n');
}

function line({ dueAt, kind, jurisdiction, source }: RequestSummary['deadlines'][number]): string {
  return `- **${dueAt.slice(0, 10)}** ${kind.replaceAll('_', ' ')} (${jurisdiction}, ${source})`;
}
