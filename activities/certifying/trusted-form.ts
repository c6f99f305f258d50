import { ProviderFailure } from '../questioning/provider-failure.ts';
import { askByPost, jsonObjectOf, objectAt, type ProviderLimits } from '../questioning/provider-request.ts';
import type { CertificateAdapter, CertificateVerdict, CertifiedPerson } from './certificate-adapter.ts';

export interface TrustedFormAccount {
  /** Where certificates are: `https://cert.trustedform.com`. */
  baseUrl: string;
  /** The header `Authorization`: Basic, `API` and the key. */
  authorization: string;
  /** Whether the plan of the account has the operation `verify`. */
  verifies: boolean;
}

/**
 * Claims and checks certificates as version 4.0 of TrustedForm's API describes it: one POST to the certificate itself asks to
 * retain it, to match it with the lead and to verify its consent. Only `outcome: success` with a match is one; a 200 that says
 * otherwise is a failure.
 */
export class TrustedForm implements CertificateAdapter {
  readonly #account: TrustedFormAccount;
  readonly #limits: ProviderLimits;

  constructor(account: TrustedFormAccount, limits: ProviderLimits) {
    this.#account = account;
    this.#limits = limits;
  }

  async verify(reference: string, person: CertifiedPerson, signal: AbortSignal): Promise<CertificateVerdict> {
    const { baseUrl, authorization } = this.#account;
    const url = new URL(`${baseUrl.replace(/\/$/, '')}/${reference}`);
    const headers = { authorization, 'api-version': '4.0', accept: 'application/json', 'content-type': 'application/json' };
    const question = { headers, body: JSON.stringify(this.#question(person)) };
    const { status, text } = await askByPost(url, question, this.#limits, signal);
    if (status === 404) return { result: 'failed', reason: 'not_found', answer: text };
    return verdictOf(text);
  }

  #question({ phone, email, leadId, company }: CertifiedPerson): object {
    return {
      match_lead: { phone: phone.replace(/^\+1(?=\d{10}$)|^\+/, ''), ...(email !== undefined && { email }) },
      retain: { reference: leadId },
      ...(this.#account.verifies && { verify: { advertiser_name: company } }),
    };
  }
}

function verdictOf(answer: string): CertificateVerdict {
  const said = jsonObjectOf(answer);
  const matched = objectAt(objectAt(said, 'match_lead'), 'result').success;
  switch (said.outcome) {
    case 'success':
      return matched === true ? { result: 'verified', reason: 'confirmed', answer } : { result: 'failed', reason: 'other_person', answer };
    case 'failure': return { result: 'failed', reason: matched === false ? 'other_person' : 'declined', answer };
    case 'error': throw new ProviderFailure('busy');
    default: throw new ProviderFailure('unreadable_answer');
  }
}
