import { apiKeyRoutes } from './api-keys.ts';
import { withDocuments } from './documents.ts';
import { healthRoutes } from './health.ts';
import { importRoutes } from './imports.ts';
import { leadRoutes } from './leads.ts';
import { sourceRoutes } from './sources.ts';

/** Everything this API can be asked: the one table behind routing, checks, permissions and description. */
export const routes = withDocuments([...sourceRoutes, ...leadRoutes, ...importRoutes, ...apiKeyRoutes, ...healthRoutes]);
