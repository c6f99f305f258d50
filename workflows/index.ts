export { leadImport } from './lead-import.ts';
export { leadLifecycle } from './lead-lifecycle.ts';
export { reconciliation } from './reconciliation.ts';
