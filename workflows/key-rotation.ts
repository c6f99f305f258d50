import { ApplicationFailure, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { rotationCard, type RotationProgress, type RotationReport } from '../domain/rotation-card.ts';
import { rotationProgressQuery, rotationProgressSignal } from './messages.ts';

// While the database or a key store is away they are retried for as long as that takes.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;
const { beginRotation } = proxyActivities<Activities>({ startToCloseTimeout: '30s', retry });
const { activateKey, rewrapKeys } = proxyActivities<Activities>({ startToCloseTimeout: '1d', heartbeatTimeout: '10s', retry });

/**
 * One change of the key-encryption key: make it, wait until every process can unwrap with it, use it, and wrap the data key of
 * every lead anew. Started by somebody with the id of what was asked, or by the schedule with none, which looks whether it is
 * time. Every step goes on where it was, so a worker that dies costs time and nothing else.
 */
export async function keyRotation(askedId: string | null = null): Promise<void> {
  let report: RotationReport | null = null;
  let progress: RotationProgress | null = null;
  const show = () => setCurrentDetails(rotationCard(report, progress));
  setHandler(rotationProgressQuery, () => progress);
  setHandler(rotationProgressSignal, (reported) => {
    progress = reported;
    show();
  });

  show();
  const begun = await beginRotation(askedId);
  report = begun.report;
  show();
  if (begun.rotationId === null) return;
  for (const step of [activateKey, rewrapKeys]) {
    if (report.problem !== null) break;
    report = await step(begun.rotationId);
    show();
  }
  if (report.problem !== null) throw ApplicationFailure.nonRetryable(`The rotation did not come to its end: ${report.problem}.`, 'rotation_failed');
}
