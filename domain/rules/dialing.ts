import type { Reason } from '../clearance.ts';
import { covers } from '../consent.ts';
import { lastPorting } from '../porting.ts';
import { applicable, reasonOf, type Situation } from './situation.ts';

/**
 * Some ways of dialing are barred for mobile lines, where a carrier look-up said that it is one, or the last porting did, from
 * its moment on. Neither outdoes the other: a line that either calls a mobile is treated as one.
 */
export function dialingAllowed(situation: Situation): Reason[] {
  const { question, facts: { lead, portings } } = situation;
  if (question.channel !== 'call') return [];
  const ported = lastPorting(portings);
  return applicable(situation, 'dialer_mode')
    .filter(({ value: { lineType, barred } }) => {
      return (lineType === lead?.lineType || lineType === ported?.lineType) && barred.includes(question.dialerMode);
    })
    .map((each) => {
      const { lineType } = each.value;
      const moved = ported?.lineType === lineType ? [`porting:${ported.id}`] : [];
      return reasonOf('dialer_mode', 'dialer_mode', each, { facts: [`line-type:${lineType}`, `dialer-mode:${question.dialerMode}`, ...moved] });
    });
}

/** Where numbers are set apart for such calls, the call has to come from one of them. */
export function callerIdInSeries(situation: Situation): Reason[] {
  const { channel, purpose, callerId } = situation.question;
  if (channel !== 'call' || callerId === null) return [];
  const series = applicable(situation, 'caller_id_series').filter(({ value }) => value.purposes.some((wider) => covers(wider, purpose)));
  const [first] = series;
  if (!first || series.some(({ value }) => nationalDigits(callerId, value.callingCode)?.startsWith(value.series))) return [];
  return [reasonOf('caller_id_series', 'caller_id_series', first, { facts: series.map(({ value }) => `series:${value.series}`) })];
}

/** The digits after the calling code; null for a number of another country. */
function nationalDigits(callerId: string, callingCode: string): string | null {
  if (!callerId.startsWith('+')) return callerId;
  return callerId.startsWith(`+${callingCode}`) ? callerId.slice(callingCode.length + 1) : null;
}

/** A campaign that leaves too many people who answered without anybody to talk to has to stop dialing ahead of its agents. */
export function fewAbandoned(situation: Situation): Reason[] {
  const { question, facts: { campaign } } = situation;
  if (question.channel !== 'call' || question.dialerMode !== 'predictive') return [];
  return applicable(situation, 'abandonment').flatMap((each) => {
    const calls = campaign.find(({ window }) => window === each.value.window);
    if (!calls || calls.abandoned <= calls.live * each.value.atMost) return [];
    return [reasonOf('abandonment', 'abandonment', each, { facts: [`abandoned:${calls.abandoned}`, `live:${calls.live}`] })];
  });
}
