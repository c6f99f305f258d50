import { readAuthorization } from '../fetching/credentials.ts';
import { ProviderFailure } from './provider-failure.ts';
import type { ProviderLimits } from './provider-request.ts';
import type { ReassignedDatabase } from './reassigned-database.ts';
import { RndQuery } from './rnd-query.ts';

/** How a deployment asks whether numbers were reassigned. */
export interface ReassignedSettings extends ProviderLimits {
  /** Where questions go; null where nobody is asked. */
  url: string | null;
  /** Has a file `reassigned`: `bearer <token>` or `basic <user>:<password>`. */
  credentialsFolder: string;
  /** Questions a second, of all workers together. */
  perSecond: number;
}

/** The database that is asked, with the credentials as they are now. Throws a ProviderFailure where there are none. */
export async function reassignedDatabase(settings: ReassignedSettings): Promise<ReassignedDatabase> {
  const { url, credentialsFolder } = settings;
  if (url === null) throw new ProviderFailure('not_configured');
  const authorization = await readAuthorization(credentialsFolder, 'reassigned').catch(() => {
    throw new ProviderFailure('not_configured');
  });
  return new RndQuery({ url, authorization }, settings);
}
