import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import {
  backupCard, expiryCard, verificationCard, type BackupProgress, type BackupReport, type ExpiryReport, type VerificationReport,
} from '../domain/backup-card.ts';
import { backupProgressQuery, backupProgressSignal } from './messages.ts';

// Each attempt begins anew; one that dies is noticed within half a minute.
const { takeBackup, verifyBackup } = proxyActivities<Activities>({
  startToCloseTimeout: '20h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '10m', maximumAttempts: 10 },
});

const { expireBackups: removeExpired } = proxyActivities<Activities>({
  startToCloseTimeout: '10m',
  retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '5m', maximumAttempts: 5 },
});

/** A backup of the store, run by a schedule, with its progress for those who look at it. */
export async function backUpStore(): Promise<BackupReport> {
  follow((progress) => backupCard(progress, null));
  const report = await takeBackup();
  setCurrentDetails(backupCard(null, report));
  return report;
}

/** A test restore of the newest backup, run by a schedule. A backup that cannot be restored is a failed workflow. */
export async function testBackup(): Promise<VerificationReport> {
  follow((progress) => verificationCard(progress, null));
  const report = await verifyBackup();
  setCurrentDetails(verificationCard(null, report));
  return report;
}

/** A look for backups past their time, run by a schedule every hour. One that cannot be removed is a failed workflow. */
export async function expireBackups(): Promise<ExpiryReport> {
  const report = await removeExpired();
  setCurrentDetails(expiryCard(report));
  return report;
}

function follow(card: (progress: BackupProgress | null) => string): void {
  let progress: BackupProgress | null = null;
  setHandler(backupProgressQuery, () => progress);
  setHandler(backupProgressSignal, (reported) => {
    progress = reported;
    setCurrentDetails(card(reported));
  });
  setCurrentDetails(card(null));
}
