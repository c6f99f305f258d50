import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { listWatchCard } from '../domain/list-watch-card.ts';

const { watchLists } = proxyActivities<Activities>({ startToCloseTimeout: '1m', retry: { maximumAttempts: 5 } });
const { countListed } = proxyActivities<Activities>({ startToCloseTimeout: '20m', retry: { maximumAttempts: 2 } });

/** A look at every list, run by a schedule: which go stale soon, which are, and how many leads are on them. */
export async function listWatch(): Promise<void> {
  const found = await watchLists();
  setCurrentDetails(listWatchCard({ ...found, counted: false }));
  const counted = await countListed();
  setCurrentDetails(listWatchCard({ ...found, counted }));
}
