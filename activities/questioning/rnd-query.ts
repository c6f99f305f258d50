import type { ReassignedAnswer } from '../../domain/clearance.ts';
import { REASSIGNED_ANSWERS } from '../../domain/reassigned.ts';
import { ProviderFailure } from './provider-failure.ts';
import { askByPost, jsonObjectOf, type ProviderLimits } from './provider-request.ts';
import type { ReassignedDatabase, ReassignedQuestion } from './reassigned-database.ts';

export interface RndAccount {
  /** Where questions are posted. */
  url: string;
  /** The header `Authorization`. */
  authorization: string;
}

/**
 * The question of the Reassigned Numbers Database of the FCC (47 CFR 64.1200(l)-(m)), as agents take it for their callers: ten
 * digits and a day go in, `yes`, `no` or `no data` comes out. One POST, so that no number stands in an address. The answer has to
 * repeat number and day; one that does not is about somebody else, or none.
 */
export class RndQuery implements ReassignedDatabase {
  readonly #account: RndAccount;
  readonly #limits: ProviderLimits;

  constructor(account: RndAccount, limits: ProviderLimits) {
    this.#account = account;
    this.#limits = limits;
  }

  async ask({ phone, since }: ReassignedQuestion, signal: AbortSignal): Promise<ReassignedAnswer['answer']> {
    const [, tn] = /^\+1(\d{10})$/.exec(phone) ?? [];
    if (tn === undefined) throw new ProviderFailure('not_covered');
    const { url, authorization } = this.#account;
    const headers = { authorization, 'accept': 'application/json', 'content-type': 'application/json' };
    const body = JSON.stringify({ tnList: [{ tn, date: since }] });
    const { status, text } = await askByPost(new URL(url), { headers, body }, this.#limits, signal);
    if (status === 404) throw new ProviderFailure('refused');
    return answerAbout(text, tn, since);
  }
}

function answerAbout(text: string, tn: string, date: string): ReassignedAnswer['answer'] {
  const { error, errors, tnList } = jsonObjectOf(text);
  if (error ?? (Array.isArray(errors) && errors.length > 0)) throw new ProviderFailure('busy');
  const [found, ...more] = (Array.isArray(tnList) ? tnList : []).filter((each) => isAbout(each, tn, date));
  const word = REASSIGNED_ANSWERS.find((known) => known === String(found?.disconnected).toLowerCase().replaceAll(' ', '_'));
  if (word === undefined || more.length > 0) throw new ProviderFailure('unreadable_answer');
  return word;
}

function isAbout(entry: unknown, tn: string, date: string): entry is { disconnected?: unknown } {
  if (typeof entry !== 'object' || entry === null) return false;
  const said: { tn?: unknown; date?: unknown } = entry;
  return said.tn === tn && said.date === date;
}
