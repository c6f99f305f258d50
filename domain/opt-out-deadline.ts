import { earliest, plus } from './civil-time.ts';
import { inForce, type Policy } from './policy.ts';

const DAY_MS = 86_400_000;

/** Until when an opt-out that came in at a moment has to be honoured: the earliest of what binds. Null where no law says. */
export function honourBy(receivedAt: Date, policies: readonly Policy[]): Date | null {
  const day = receivedAt.toISOString().slice(0, 10);
  return earliest(policies.flatMap((policy) => inForce(policy, 'optout_latency', day).map(({ value: { period, businessDays } }) => {
    const end = plus(receivedAt, period);
    return businessDays ? plusBusinessDays(receivedAt, Math.round((end.getTime() - receivedAt.getTime()) / DAY_MS), policy) : end;
  })));
}

/** So many days later that are neither Saturday, Sunday nor a known holiday. */
function plusBusinessDays(from: Date, days: number, { holidays }: Policy): Date {
  let at = from;
  for (let left = days; left > 0;) {
    at = new Date(at.getTime() + DAY_MS);
    const isFree = at.getUTCDay() % 6 === 0 || holidays?.days.has(at.toISOString().slice(0, 10)) === true;
    if (!isFree) left -= 1;
  }
  return at;
}
