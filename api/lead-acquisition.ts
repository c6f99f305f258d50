import { findSource } from '../db/sources.ts';
import type { Db, Tx } from '../db/connection.ts';
import { DomainError, type ProblemPart } from '../domain/problem.ts';
import type { Source } from '../domain/source.ts';
import { CLOCK_SKEW_MS } from '../intake/accepted-values.ts';
import type { Acquisition } from '../intake/acquisition.ts';
import { normalisePhone } from '../intake/phone/normalise-phone.ts';
import { PHONE_REFUSALS } from '../intake/phone/phone-result.ts';
import type { AcquisitionBody } from './lead-bodies.ts';

/** The acquisition that a request tells of. Refuses an unregistered source, a time to come, and what is no phone number. */
export async function acquisitionOf(tx: Tx, body: AcquisitionBody, receivedAt: Date): Promise<Acquisition> {
  const source = await requireSource(tx, body.source);
  requirePast(body, receivedAt);
  const { e164, country } = requirePhone(body.phone, body.region ?? source.defaultRegion);
  const { acquiredAt, method, subject, consents } = body;
  return {
    phone: e164,
    country,
    source,
    acquiredAt,
    receivedAt,
    method,
    campaign: body.campaign ?? null,
    subject,
    attributes: given(body.attributes),
    reference: body.reference ?? null,
    consents,
    lineType: body.lineType,
  };
}

/** The registered source of an id; refuses any other, by the place where it was named. */
export async function requireSource(db: Db, id: string, pointer = '/source'): Promise<Source> {
  const source = await findSource(db, id);
  if (source) return source;
  throw new DomainError('unknown_source', 'Register the source first, with POST /v1/sources.', [
    { pointer, code: 'unknown_source', detail: 'must be the id of a registered source' },
  ]);
}

/** The canonical number of a text, and its country. Refuses everything else, saying why. */
export function requirePhone(phone: string, region: string | null | undefined): { e164: string; country: string } {
  const result = normalisePhone(phone, region ?? undefined);
  if (result.ok) return result;
  throw new DomainError('invalid_phone', 'Send a number that can be called, in E.164 or as it is written in its region.', [
    { pointer: '/phone', code: result.code, detail: PHONE_REFUSALS[result.code] },
  ]);
}

function requirePast(body: AcquisitionBody, now: Date): void {
  const isFuture = (moment: Date): boolean => moment.getTime() > now.getTime() + CLOCK_SKEW_MS;
  if (isFuture(body.acquiredAt)) {
    throw new DomainError('acquired_in_future', 'Send the time at which the person gave the number.', [inFuture('/acquiredAt')]);
  }
  const early = body.consents.flatMap(({ obtainedAt }, index) => (isFuture(obtainedAt) ? [inFuture(`/consents/${index}/obtainedAt`)] : []));
  if (early.length > 0) throw new DomainError('invalid_request', 'A consent cannot have been given in the future.', early);
}

function inFuture(pointer: string): ProblemPart {
  return { pointer, code: 'in_future', detail: 'must not be later than now' };
}

function given(attributes: AcquisitionBody['attributes']): Record<string, string> {
  const entries = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
