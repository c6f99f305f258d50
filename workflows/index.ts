export { verifyCertificate } from './certificate.ts';
export { consentImport } from './consent-import.ts';
export { leadImport } from './lead-import.ts';
export { leadLifecycle } from './lead-lifecycle.ts';
export { listFetch } from './list-fetch.ts';
export { releaseList } from './list-release.ts';
export { reconciliation } from './reconciliation.ts';
export { listWatch } from './list-watch.ts';
