import type { CertificateProvider } from '../../domain/certificate.ts';
import { readAuthorization } from '../fetching/credentials.ts';
import { ProviderFailure } from '../questioning/provider-failure.ts';
import type { ProviderLimits } from '../questioning/provider-request.ts';
import type { CertificateAdapter } from './certificate-adapter.ts';
import { Jornaya } from './jornaya.ts';
import { TrustedForm } from './trusted-form.ts';

/** How a deployment asks about certificates. */
export interface CertifyingSettings extends ProviderLimits {
  /** A file for each provider, called as it is: `basic API:<key>`, and for Jornaya `basic <account code>:<audit key>`. */
  credentialsFolder: string;
  trustedFormUrl: string;
  verifies: boolean;
  jornayaUrl: string;
  jornayaProvider: string | undefined;
}

/** The adapter of a provider, with the credentials as they are now. Throws a ProviderFailure where there are none. */
export async function adapterOf(provider: CertificateProvider, settings: CertifyingSettings): Promise<CertificateAdapter> {
  const { credentialsFolder, trustedFormUrl, verifies, jornayaUrl, jornayaProvider } = settings;
  const authorization = await readAuthorization(credentialsFolder, provider).catch(() => {
    throw new ProviderFailure('not_configured');
  });
  switch (provider) {
    case 'trustedform': return new TrustedForm({ baseUrl: trustedFormUrl, authorization, verifies }, settings);
    case 'jornaya': {
      const [accountCode, auditKey] = pairOf(authorization);
      return new Jornaya({ baseUrl: jornayaUrl, accountCode, auditKey, providerCode: jornayaProvider }, settings);
    }
  }
}

function pairOf(authorization: string): [string, string] {
  const [, secret = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  const [, user, password] = /^([^:]+):(.+)$/.exec(Buffer.from(secret, 'base64').toString()) ?? [];
  if (user !== undefined && password !== undefined) return [user, password];
  throw new ProviderFailure('not_configured');
}
