import {
  ApplicationFailure, condition, proxyActivities, setCurrentDetails, setDefaultSignalHandler, setHandler,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { releaseCard, type ReleaseProgress, type ReleaseReport } from '../domain/release-card.ts';
import { releaseProgressQuery, releaseProgressSignal } from './messages.ts';

// While the database is away they are retried for as long as that takes.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;
const { takeReleaseTurn, prepareRelease, activateRelease, closeRelease } = proxyActivities<Activities>({
  startToCloseTimeout: '1d', heartbeatTimeout: '10s', retry,
});

/**
 * One release of a do-not-call list, from the stored file to the last lead told of it: wait for its turn, read and compare,
 * wait for a person where one has to look, come into force, tidy up. Every step starts over without harm, so a worker that
 * dies costs time and nothing else. Any signal but progress only wakes it; the facts say what happened. A file that cannot be
 * used is a failed release and a failed workflow.
 */
export async function releaseList(releaseId: string): Promise<void> {
  let report: ReleaseReport | null = null;
  let progress: ReleaseProgress | null = null;
  let stirred = false;
  const show = () => setCurrentDetails(releaseCard(report, progress));
  setDefaultSignalHandler(() => void (stirred = true));
  setHandler(releaseProgressQuery, () => progress);
  setHandler(releaseProgressSignal, (reported) => {
    progress = reported;
    show();
  });

  show();
  for (;;) {
    stirred = false;
    const step = await advance(releaseId);
    report = step.report;
    show();
    if (step.next === 'end') break;
    const [longest, summary] = step.next === 'approval' ? (['1d', 'Waiting for approval'] as const) : (['30s', 'Waiting for its turn'] as const);
    if (step.next !== 'again') await condition(() => stirred, longest, { summary });
  }
  await closeRelease(releaseId);
  if (report.isUnusable) throw ApplicationFailure.nonRetryable(`${report.problem?.code}: ${report.problem?.detail}`, 'release_failed');
}

/** As far as a release comes at once. */
async function advance(releaseId: string): Promise<{ next: 'turn' | 'approval' | 'again' | 'end'; report: ReleaseReport }> {
  const turn = await takeReleaseTurn(releaseId);
  if (turn.next !== 'prepare') return { ...turn, next: turn.next };
  const prepared = await prepareRelease(releaseId);
  if (prepared.next !== 'activate') return { ...prepared, next: prepared.next };
  return activateRelease(releaseId);
}
