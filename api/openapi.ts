import { describeApi } from './description.ts';
import { routes } from './routes.ts';

/** The description that docs/openapi.json must be in step with. */
export function createOpenApi(): object {
  return describeApi(routes);
}
