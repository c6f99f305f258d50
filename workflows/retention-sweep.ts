import { proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { sweepCard, type SweepPlace } from '../domain/sweep-card.ts';

const { sweepRetention } = proxyActivities<Activities>({
  startToCloseTimeout: '10m', heartbeatTimeout: '1m', retry: { maximumAttempts: 5 }, summary: 'Look for leads whose time is over',
});

/** After so many pauses the next run takes over: it finds what is left. */
const MOST_PAUSES = 45;

/** The safety net under the ends of leads, run by a schedule: whoever should have been archived or destroyed is poked. */
export async function retentionSweep(): Promise<{ found: number; poked: number }> {
  let place: SweepPlace | null = { phase: 'dispose', after: null };
  const totals = { found: 0, poked: 0 };
  for (let pauses = 0; place && pauses < MOST_PAUSES;) {
    const part = await sweepRetention(place);
    totals.found += part.found;
    totals.poked += part.poked;
    place = part.place;
    setCurrentDetails(sweepCard(totals, place, part.isCrowded));
    if (!part.isCrowded) continue;
    pauses += 1;
    await sleep('1m', { summary: 'Messages are on their way' });
  }
  return totals;
}
