import { createReconciliationActivities } from './reconciliation.ts';
import { createReviewActivities } from './review.ts';
import { createImportActivities, type ImportDependencies } from './import.ts';

/** Everything that workflows may ask of the outside world, over the dependencies that the worker composes once. */
export function createActivities(dependencies: ImportDependencies) {
  return {
    ...createReviewActivities(dependencies),
    ...createImportActivities(dependencies),
    ...createReconciliationActivities(dependencies),
  };
}

export type Activities = ReturnType<typeof createActivities>;
