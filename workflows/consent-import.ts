import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { followImport } from './import-progress.ts';

const { runConsentImport } = proxyActivities<Activities>({
  startToCloseTimeout: '7d',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** One file of consents of another system, from the stored upload to the last row. */
export async function consentImport(importId: string): Promise<void> {
  await followImport(() => runConsentImport({ importId }));
}
