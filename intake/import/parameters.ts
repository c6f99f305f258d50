import type { Channel, Purpose } from '../../domain/consent.ts';

/** What a column of a file can be read as. */
export type ImportTarget =
  | 'phone'
  | 'region'
  | 'acquiredAt'
  | 'campaign'
  | 'method'
  | 'reference'
  | 'lineType'
  | 'subject.name'
  | 'subject.email'
  | `subject.address.${'street' | 'city' | 'region' | 'postalCode' | 'country'}`
  | `attributes.${string}`
  | `consent.${Channel}.${Purpose}.${'obtainedAt' | 'expiresAt' | 'textVersion' | 'url'}`;

/** A column by the header's name, or, in a file without header, by its number counted from 1. */
export type ColumnName = string | number;

/** Which column is read as what. Only `subject.name` can be joined from several columns. */
export type ImportMapping = Partial<Record<ImportTarget, ColumnName | ColumnName[]>>;

/**
 * How a file is to be read, as its sender said: checked in shape, not yet against the file. What was left out is absent.
 * This is also what is kept in `import.parameters`, so it holds nothing personal.
 */
export interface ImportParameters {
  /** Left out: NDJSON lines are then bodies of `POST /v1/leads` without `source`. A CSV file needs one. */
  mapping?: ImportMapping;
  /** Constants, used where the file has no column for them or the cell is empty. RFC 3339 with an offset. */
  acquiredAt?: string;
  /** ISO 3166-1 alpha-2. */
  region?: string;
  campaign?: string;
  method?: string;
  /** IANA zone of times that are written without an offset; without it such a time is refused. */
  zone?: string;
  /** The order of day, month and year in dates that are not ISO 8601: `DMY`, `MDY` or `YMD`; never guessed. */
  dateFormat?: 'DMY' | 'MDY' | 'YMD';
  /** One character; found out when left out. */
  delimiter?: string;
  /** `none`: the first record is data already. */
  header?: 'first' | 'none';
  /** A WHATWG label; left out: a byte order mark decides, else the file must be valid UTF-8. */
  encoding?: string;
}

/** The file itself: what its bytes are, before anything is known about its columns. */
export type ImportFormat = 'csv' | 'ndjson';
