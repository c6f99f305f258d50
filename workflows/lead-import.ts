import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { followImport } from './import-progress.ts';

const { runImport } = proxyActivities<Activities>({
  startToCloseTimeout: '7d',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** One import, from the stored upload to the last row. */
export async function leadImport(importId: string): Promise<void> {
  await followImport(() => runImport({ importId }));
}
