import { apiKeyRoutes } from './api-keys.ts';
import { clearanceRoutes } from './clearances.ts';
import { consentRoutes } from './consents.ts';
import { contactRoutes } from './contacts.ts';
import { withDocuments } from './documents.ts';
import { healthRoutes } from './health.ts';
import { importRoutes } from './imports.ts';
import { leadRoutes } from './leads.ts';
import { proofRoutes } from './proofs.ts';
import { queueRoutes } from './queues.ts';
import { relationshipRoutes } from './relationships.ts';
import { replayRoutes } from './replays.ts';
import { reportRoutes } from './reports.ts';
import { settingsRoutes } from './settings.ts';
import { suspensionRoutes } from './source-suspensions.ts';
import { policyRoutes } from './policies.ts';
import { sourceRoutes } from './sources.ts';
import { suppressionRoutes } from './suppressions.ts';

/** Everything this API can be asked: the one table behind routing, checks, permissions and description. */
export const routes = withDocuments([
  ...sourceRoutes, ...suspensionRoutes, ...leadRoutes, ...consentRoutes, ...relationshipRoutes, ...contactRoutes,
  ...importRoutes, ...clearanceRoutes, ...proofRoutes, ...replayRoutes, ...reportRoutes, ...suppressionRoutes,
  ...queueRoutes, ...settingsRoutes, ...policyRoutes, ...apiKeyRoutes, ...healthRoutes,
]);
