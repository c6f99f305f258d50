import type { ReassignedAnswer } from './clearance.ts';

/** How a question about a number ended or stands, as its workflow shows it. Nothing personal. */
export interface ReassignedOutcome {
  answer: ReassignedAnswer['answer'] | null;
  /** Why there is no answer. */
  problem: string | null;
}

const ANSWERS: Record<ReassignedAnswer['answer'], string> = {
  yes: 'The number was given up since it was last known to be the person’s: it is not called any more, unless they give it again.',
  no: 'The number is still the person’s. That holds until the next reports to the database.',
  no_data: 'The database knows nothing of the number. That gives no safe harbour: where an answer is required, the lead is held.',
};

/** What an operator reads on opening a question, in Markdown. */
export function reassignedCard(outcome: ReassignedOutcome | null): string {
  if (!outcome) return '### asking\n\nAsks a database whether the number of a lead was reassigned. Nothing changes until there is an answer.';
  const { answer, problem } = outcome;
  if (answer) return `### ${answer}\n\n${ANSWERS[answer]}`;
  return ['### unanswered', ...(problem ? [problem] : []), 'It is asked again when somebody wants to call the lead.'].join('\n\n');
}

/** What a round of asking ahead came to. */
export interface AskedAhead {
  /** Why nobody is asked ahead; null where somebody is. */
  idle: 'not_required' | 'not_configured' | 'none_allowed' | null;
  lookedAt: number;
  asked: number;
  /** Questions that are left of the day's. */
  left: number;
}

const IDLE: Record<NonNullable<AskedAhead['idle']>, string> = {
  not_required: 'Nobody is asked: the setting `reassigned.required` is off.',
  not_configured: 'Nobody is asked: the configuration names no database.',
  none_allowed: 'Nobody is asked ahead: the setting `reassigned.askAhead` says how many a day may be.',
};

/** What an operator reads of a round of asking ahead, in Markdown. */
export function askedAheadCard({ idle, lookedAt, asked, left }: AskedAhead): string {
  if (idle) return IDLE[idle];
  return `- ${lookedAt} leads that nothing else keeps from being called\n- ${asked} of them are asked about now\n- ${left} questions are left for today`;
}
