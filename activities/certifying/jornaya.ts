import { ProviderFailure } from '../questioning/provider-failure.ts';
import { askByPost, jsonObjectOf, objectAt, type ProviderLimits } from '../questioning/provider-request.ts';
import type { CertificateAdapter, CertificateVerdict, CertifiedPerson } from './certificate-adapter.ts';

export interface JornayaAccount {
  /** Where questions go: `https://api.leadid.com`. */
  baseUrl: string;
  /** `lac`. */
  accountCode: string;
  /** `lak`. */
  auditKey: string;
  /** `lpc`: from whom the leads come, by Jornaya's name for it. */
  providerCode: string | undefined;
}

/**
 * Audits LeadiD tokens of Jornaya: one POST with the codes of the account, the token and the data that it was made with; by
 * POST, so that nothing of the person stands in an address. `authentic` says whether the token is Jornaya's.
 */
export class Jornaya implements CertificateAdapter {
  readonly #account: JornayaAccount;
  readonly #limits: ProviderLimits;

  constructor(account: JornayaAccount, limits: ProviderLimits) {
    this.#account = account;
    this.#limits = limits;
  }

  async verify(reference: string, person: CertifiedPerson, signal: AbortSignal): Promise<CertificateVerdict> {
    const url = new URL(`${this.#account.baseUrl.replace(/\/$/, '')}/SingleQuery`);
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    const { status, text } = await askByPost(url, { headers, body: this.#question(reference, person) }, this.#limits, signal);
    return status === 404 ? { result: 'failed', reason: 'not_found', answer: text } : verdictOf(text, reference);
  }

  #question(token: string, { phone, email, leadId }: CertifiedPerson): string {
    const { accountCode: lac, auditKey: lak, providerCode: lpc } = this.#account;
    const said = [['phone1', phone.replace(/^\+1(?=\d{10}$)|^\+/, '')], ...(email === undefined ? [] : [['email', email]])];
    const data = said.map((pair) => pair.map((part) => part?.replace(/[|;]/g, '')).join(';')).join('|');
    return new URLSearchParams({ lac, lak, ...(lpc !== undefined && { lpc }), id: token, data, recordid: leadId, format: 'json' }).toString();
  }
}

/** The audit of a token, in JSON or in the XML that an account may be set to. */
function verdictOf(answer: string, reference: string): CertificateVerdict {
  const said = answer.trimStart().startsWith('<') ? elementsOf(answer) : membersOf(answer);
  if (said.token !== undefined && said.token.toUpperCase() !== reference) throw new ProviderFailure('unreadable_answer');
  switch (said.authentic) {
    case '1': return said.phone === '0' ? { result: 'failed', reason: 'other_person', answer } : { result: 'verified', reason: 'confirmed', answer };
    case '0': return { result: 'failed', reason: 'declined', answer };
    default: throw new ProviderFailure('unreadable_answer');
  }
}

interface Audit {
  authentic: string | undefined;
  token: string | undefined;
  /** `0`: the number is not the one that was typed in. */
  phone: string | undefined;
}

function membersOf(answer: string): Audit {
  const said = jsonObjectOf(answer);
  const audit = 'audit' in said ? objectAt(said, 'audit') : objectAt(said, 'authenticate');
  const data = objectAt(audit, 'data');
  return { authentic: wordOf(audit.authentic), token: wordOf(audit.token), phone: wordOf(data.phone1) };
}

/** Its elements are flat and hold digits and tokens alone, so no entity or attribute has to be understood. */
function elementsOf(answer: string): Audit {
  const element = (name: string) => new RegExp(`<${name}>\\s*([\\w-]{1,64})\\s*</${name}>`).exec(answer)?.[1];
  if (!/<(audit|authenticate)[\s>]/.test(answer)) throw new ProviderFailure('unreadable_answer');
  return { authentic: element('authentic'), token: element('token'), phone: element('phone1') };
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
