import type { Source } from '../../domain/source.ts';
import type { Acquisition } from '../acquisition.ts';
import type { ImportParameters } from './parameters.ts';

/** The same for every row of an import: where it comes from, when it was uploaded, what its sender said about all of it. */
export interface ImportContext {
  source: Source;
  receivedAt: Date;
  parameters: ImportParameters;
}

/** The longest texts that are kept, in characters; the same as in the API. */
export const LONGEST = { name: 200, reference: 200, street: 200, city: 120, region: 64, postalCode: 20 } as const;

/** What one row tells; undefined where it does not, or where it cannot be read. */
export interface RowFacts extends Pick<Acquisition, 'subject' | 'attributes' | 'consents' | 'lineType'> {
  phone: { e164: string; country: string } | undefined;
  acquiredAt: Date | undefined;
  method: string | undefined;
  campaign: string | undefined;
  reference: string | undefined;
}

/** The acquisition that a row tells of, the constants of the import filled in; undefined without a number or a time. */
export function acquisitionOf({ phone, acquiredAt, ...facts }: RowFacts, context: ImportContext): Acquisition | undefined {
  if (!phone || !acquiredAt) return undefined;
  const { source, receivedAt, parameters } = context;
  return {
    phone: phone.e164,
    country: phone.country,
    source,
    acquiredAt,
    receivedAt,
    method: facts.method ?? parameters.method ?? 'import',
    campaign: facts.campaign ?? parameters.campaign ?? null,
    subject: facts.subject,
    attributes: facts.attributes,
    reference: facts.reference ?? null,
    consents: facts.consents,
    lineType: facts.lineType,
  };
}

/** The region in which a row's number is read when it has no calling code. */
export function regionOf(given: string | undefined, { parameters, source }: ImportContext): string | undefined {
  return given ?? parameters.region ?? source.defaultRegion ?? undefined;
}
