import { z } from 'zod';
import { DomainError } from '../domain/problem.ts';
import { CLOCK_SKEW_MS } from '../intake/accepted-values.ts';
import { isKnownEncoding } from '../intake/import/encoding.ts';
import { IMPORT_TARGETS } from '../intake/import/mapping.ts';
import type { ImportFormat, ImportParameters } from '../intake/import/parameters.ts';
import { isZone } from '../intake/import/zoned-time.ts';
import { country, instant, label, sourceId, text } from './fields.ts';
import { contentType } from './json-body.ts';

/** What files are sent as, and how they are then read. */
export const FILE_TYPES = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
} as const satisfies Record<string, ImportFormat>;

export const column = z.union([text(200), z.int().min(1).max(100_000)], { error: 'must be the name of a column, or its number counted from 1' });
const columns = z.union([column, z.array(column).min(1).max(10)], { error: 'must be a column; only subject.name can have a list of them' });

const mapping = z
  .partialRecord(z.enum(IMPORT_TARGETS), columns)
  .refine((map) => map.phone !== undefined, { error: 'must say which column is the phone', params: { code: 'phone_missing' } })
  .refine((map) => Object.entries(map).every(([target, names]) => target === 'subject.name' || !Array.isArray(names)), {
    error: 'can join columns for subject.name only',
    params: { code: 'joined' },
  });

/** A parameter that is JSON. */
export const jsonText = z.string().max(20_000).transform((json, context) => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    context.issues.push({ code: 'custom', message: 'must be JSON: {"phone":"Phone", ...}', input: json, params: { code: 'malformed_json' } });
    return z.NEVER;
  }
});

const mappingText = jsonText
  .pipe(mapping)
  .meta({
    description: 'JSON: what is read from which column. Targets: phone, region, acquiredAt, campaign, method, reference, subject.name (a column or a list of them), ' +
      'subject.email, subject.address.*, attributes.*, consent.<channel>.<purpose>.obtainedAt, .expiresAt, .textVersion, .url',
    examples: ['{"phone":"Phone","acquiredAt":"Signed up","subject.name":["First name","Last name"]}'],
  });

/** Kept as it was written: the file is imported with it, maybe in another process, maybe later. */
const writtenInstant = z.string().refine((written) => instant.safeParse(written).success, { error: 'must be an RFC 3339 time with its offset' });

/** How cells and text are read. */
export const readingFields = {
  zone: text(64).refine((name) => /[A-Za-z]/.test(name) && isZone(name), { error: 'must be an IANA time zone' }).optional()
    .meta({ description: 'Where times without an offset were written down; without it they are refused', examples: ['America/New_York'] }),
  dateFormat: z.enum(['DMY', 'MDY', 'YMD']).optional().meta({ description: 'Order of day, month and year in dates that are not ISO 8601; never guessed' }),
  delimiter: z.string().regex(/^[^\w\s"']$|^\t$/, { error: 'must be one character that is no letter, digit, blank or quote; a tab is %09' }).optional()
    .meta({ description: 'Found out when left out', examples: [';'] }),
  header: z.enum(['first', 'none']).optional().meta({ description: '`none`: the first record is data, and columns are numbers counted from 1' }),
  encoding: text(40).refine(isKnownEncoding, { error: 'must be an encoding label of the WHATWG Encoding Standard' }).optional()
    .meta({ description: 'For text that is neither UTF-8 nor has a byte order mark', examples: ['windows-1252'] }),
};

const parameterFields = {
  mapping: mappingText.optional(),
  acquiredAt: writtenInstant.optional().meta({ description: 'For rows without a time of their own; RFC 3339', examples: ['2026-11-01T15:04:05Z'] }),
  region: country.optional().meta({ description: 'For national numbers of rows without a region of their own; left out: that of the source' }),
  campaign: label('spring').optional(),
  method: label('import').optional().meta({ description: '`import` when left out' }),
  ...readingFields,
};

/** The query of `POST /v1/imports`. */
export const importQuery = z.strictObject({ source: sourceId, ...parameterFields });
/** The query of `POST /v1/imports/preview`. */
export const previewQuery = z.strictObject({ source: sourceId.optional(), ...parameterFields });

/** The format and the parameters of a file, from the query and the content type. Refuses a charset that nobody knows. */
export function fileParameters(
  query: z.output<typeof previewQuery>, header: string | undefined,
): { format: ImportFormat; parameters: ImportParameters } {
  const { type } = contentType(header);
  const charset = charsetOf(header);
  const { source: _, encoding = charset, ...parameters } = query;
  const given = Object.entries({ ...parameters, encoding }).filter(([, value]) => value !== undefined);
  return { format: FILE_TYPES[type as keyof typeof FILE_TYPES], parameters: Object.fromEntries(given) };
}

/** The charset of a content type, if it names one. Refuses one that nobody knows. */
export function charsetOf(header: string | undefined): string | undefined {
  const { charset } = contentType(header);
  if (charset === undefined || isKnownEncoding(charset)) return charset;
  throw new DomainError('unsupported_media_type', 'The charset of the content type is no encoding label of the WHATWG Encoding Standard.');
}

/** Refuses what cannot be imported whatever the file holds. */
export function requireImportable(format: ImportFormat, parameters: ImportParameters, now: Date): void {
  const { mapping: map, acquiredAt } = parameters;
  if (format === 'csv' && !map) {
    throw refuse('?mapping', 'required', 'is missing; POST /v1/imports/preview proposes one from the beginning of the file');
  }
  if (map && map.acquiredAt === undefined && acquiredAt === undefined) {
    throw refuse('?acquiredAt', 'required', 'is missing: map a column to acquiredAt, or give the time for all rows here');
  }
  if (acquiredAt !== undefined && new Date(acquiredAt).getTime() > now.getTime() + CLOCK_SKEW_MS) {
    throw new DomainError('acquired_in_future', 'Send the time at which the people gave their numbers.', [
      { pointer: '?acquiredAt', code: 'in_future', detail: 'must not be later than now' },
    ]);
  }
}

function refuse(pointer: string, code: string, detail: string): DomainError {
  return new DomainError('invalid_request', 'The query is not as it should be; `errors` names each parameter.', [{ pointer, code, detail }]);
}
