import { z } from 'zod';
import { isCountry } from '../intake/country.ts';
import { isStorable, LABEL } from '../intake/accepted-values.ts';
import { LIMITS } from './limits.ts';

/** What is said of text that PostgreSQL or JSON cannot hold. */
export const unstorable = {
  error: 'contains a NUL or half of a surrogate pair; send text that is valid Unicode',
  params: { code: 'unstorable_text' },
};

/** Text of 1 to `max` characters. */
export function text(max: number) {
  return z.string().min(1).max(max).refine(isStorable, unstorable);
}

/** A name that is kept in clear and shown in lists and metrics, so it takes no addresses and no free text. */
export function label(example: string) {
  return text(64)
    .regex(LABEL, { error: 'takes letters, digits, space and _ . : / - only, and starts with a letter or digit' })
    .meta({ examples: [example] });
}

export const sourceId = text(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, { error: 'takes a-z, 0-9 and . _ - only, and starts with a letter or digit' })
  .meta({ description: 'The id of a registered source', examples: ['spring-fair-2026'] });

const EARLIEST = Date.UTC(1900, 0, 1);
/** CRMs write 9999-12-31 for "never". */
const LATEST = Date.UTC(10_000, 0, 1);

/** An RFC 3339 moment with its offset, read into a `Date`. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with its offset, such as 2026-11-01T15:04:05Z' })
  .max(40)
  .transform((moment) => new Date(moment))
  .refine((moment) => moment.getTime() >= EARLIEST && moment.getTime() < LATEST, {
    error: 'must lie between the years 1900 and 9999',
    params: { code: 'out_of_range' },
  })
  // Examples of what is transformed are left out of descriptions, unless they are put there by hand.
  .meta({ override: { examples: ['2026-11-01T15:04:05Z'] } });

/** A moment as it is answered. */
export const answeredInstant = z.iso.datetime().meta({ examples: ['2026-11-01T15:04:05.000Z'] });

/** An ISO 3166-1 alpha-2 country. */
export const country = z
  .string()
  .regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166-1 alpha-2 code in capitals, such as US' })
  .refine((code) => !/^[A-Z]{2}$/.test(code) || isCountry(code), {
    error: 'is no ISO 3166-1 alpha-2 code in use',
    params: { code: 'unknown_country' },
  })
  .meta({ description: 'ISO 3166-1 alpha-2', examples: ['US'] });

export const uuid = z.uuid().meta({ examples: ['0198c0de-7a1e-7b3c-9d4e-5f60718293a4'] });

/** How many, and after what: the query of every list. `after` is the `next` of the page before. */
export const page = {
  limit: z.coerce
    .number({ error: 'must be a whole number' })
    .int()
    .min(1)
    .max(LIMITS.maxPageSize)
    .default(LIMITS.pageSize)
    .meta({ description: 'How many items at most' }),
  after: text(200).optional().meta({ description: 'The `next` of the page before; leave out for the first page' }),
};

/** A page of a list, and the cursor of the next one; null when there is none. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
