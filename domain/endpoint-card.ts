import type { AttemptFailure } from './endpoint-health.ts';

/** What one pass over what waits for an endpoint came to, as it travels to the workflow. */
export interface DeliveryPass {
  state: 'active' | 'paused' | 'disabled' | 'ended';
  /** In this pass. */
  delivered: number;
  failed: number;
  givenUp: number;
  /** What still waits, counted up to a thousand. */
  waiting: number;
  /** Of all passes. */
  deliveredInAll: number;
  failingSince: string | null;
  lastStatus: number | null;
  lastFailure: AttemptFailure | null;
  nextAttemptAt: string | null;
  /** Waiting times are relative, so that a shifted clock shifts them with it. Null: until something happens. */
  nextInMs: number | null;
}

const MEANINGS: Record<DeliveryPass['state'], string> = {
  active: 'Events go out as they happen.',
  paused: 'Paused by hand: events are kept, and go out when it is resumed.',
  disabled: 'Its server has answered that it is gone (410). Nothing goes out until it is resumed.',
  ended: 'Ended by hand: what waited is given up.',
};

/** From so many on they are no longer counted. */
export const MOST_COUNTED = 1_000;

/** What an operator reads on opening the deliveries to an endpoint, in Markdown. */
export function endpointCard(pass: DeliveryPass | null): string {
  if (!pass) return '### starting\n\nLooks for what waits to be delivered.';
  const { state, failingSince, waiting, deliveredInAll, nextAttemptAt } = pass;
  const isFailing = state === 'active' && failingSince !== null;
  return [
    `### ${isFailing ? 'failing' : state}`,
    isFailing ? `Fails since **${moment(failingSince)}**: it is asked once in a while, and everything waits in order.` : MEANINGS[state],
    [
      `- **${deliveredInAll}** delivered in all, ${pass.delivered} of them in the last pass`,
      `- **${waiting === MOST_COUNTED ? `${MOST_COUNTED} or more` : waiting}** waiting`,
      ...(pass.failed > 0 ? [`- **${pass.failed}** ${pass.failed === 1 ? 'attempt' : 'attempts'} failed in the last pass`] : []),
      ...(pass.givenUp > 0 ? [`- **${pass.givenUp}** given up in the last pass`] : []),
      ...(pass.lastStatus === null ? [] : [`- last answer: **${pass.lastStatus}**`]),
      ...(pass.lastFailure === null ? [] : [`- last failure: **${pass.lastFailure}**`]),
      ...(nextAttemptAt === null ? [] : [`- next attempt: **${moment(nextAttemptAt)}**`]),
    ].join('\n'),
  ].join('\n\n');
}

function moment(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}
