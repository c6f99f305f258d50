import { createBackupActivities, type BackupDependencies } from './backup.ts';
import { createCertificateActivities, type CertificateDependencies } from './certificate.ts';
import { createConsentImportActivities, type ConsentImportDependencies } from './consent-import.ts';
import { createConfirmationActivities, type ConfirmationDependencies } from './confirmation.ts';
import { createArchiveActivities, type ArchiveDependencies } from './archive.ts';
import { createDisposalActivities, type DisposalDependencies } from './disposal.ts';
import { createKeyRotationActivities, type KeyRotationDependencies } from './key-rotation.ts';
import { createLifeActivities } from './life.ts';
import { createReassignedActivities, type ReassignedDependencies } from './reassigned.ts';
import { createReconciliationActivities } from './reconciliation.ts';
import { createRetentionSweepActivities } from './retention-sweep.ts';
import { createReviewActivities } from './review.ts';
import { createImportActivities, type ImportDependencies } from './import.ts';
import { createFetchActivities, type FetchDependencies } from './list-fetch.ts';
import { createReleaseActivities, type ReleaseDependencies } from './list-release.ts';
import { createSubjectActivities } from './subject-request.ts';
import { createSubjectCodeActivities } from './subject-code.ts';
import { createListWatchActivities, type ListWatchDependencies } from './list-watch.ts';

type Dependencies = ImportDependencies & ReleaseDependencies & FetchDependencies & ListWatchDependencies
  & ConfirmationDependencies & ConsentImportDependencies & CertificateDependencies & ArchiveDependencies & DisposalDependencies
  & KeyRotationDependencies & BackupDependencies & ReassignedDependencies;

/** Everything that workflows may ask of the outside world, over the dependencies that the worker composes once. */
export function createActivities(dependencies: Dependencies) {
  const ends = { ...createArchiveActivities(dependencies), ...createDisposalActivities(dependencies) };
  return {
    ...createLifeActivities(createReviewActivities(dependencies), ends),
    ...createConfirmationActivities(dependencies),
    ...createImportActivities(dependencies),
    ...createConsentImportActivities(dependencies),
    ...createCertificateActivities(dependencies),
    ...createReleaseActivities(dependencies),
    ...createFetchActivities(dependencies),
    ...createListWatchActivities(dependencies),
    ...createSubjectActivities(dependencies),
    ...createSubjectCodeActivities(dependencies),
    ...createReassignedActivities(dependencies),
    ...createReconciliationActivities(dependencies),
    ...createRetentionSweepActivities(dependencies),
    ...createKeyRotationActivities(dependencies),
    ...createBackupActivities(dependencies),
  };
}

export type Activities = ReturnType<typeof createActivities>;
