import type { Channel, ConsentEvidence, Grade, Purpose } from '../domain/consent.ts';
import type { Source } from '../domain/source.ts';

/** One arrival of a number, validated and in canonical form: what an HTTP request and a row of a file both end as. */
export interface Acquisition {
  /** Canonical E.164 number. */
  phone: string;
  /** ISO 3166-1 alpha-2 region of the number. */
  country: string;
  source: Source;
  acquiredAt: Date;
  receivedAt: Date;
  method: string;
  campaign: string | null;
  subject: Subject;
  /** Attributes that the caller keeps about the person, by registered name. */
  attributes: Record<string, string>;
  /** The caller's own name for this arrival. */
  reference: string | null;
  consents: CarriedConsent[];
}

export interface Subject {
  name?: string | undefined;
  email?: string | undefined;
  address?: Address | undefined;
}

export interface Address {
  street?: string | undefined;
  city?: string | undefined;
  region?: string | undefined;
  postalCode?: string | undefined;
  country?: string | undefined;
}

/** A consent that came along with an acquisition. */
export interface CarriedConsent {
  channel: Channel;
  purpose: Purpose;
  obtainedAt: Date;
  expiresAt: Date | null;
  grade?: Grade | undefined;
  evidence?: ConsentEvidence | undefined;
}

/**
 * The jurisdictions that a number and a declared address put a person under: the number's country, the address's country,
 * and the part of a country that the address names (ISO 3166-2 style).
 */
export function jurisdictionsOf(acquisition: Pick<Acquisition, 'country' | 'subject'>): string[] {
  const { address } = acquisition.subject;
  const country = address?.country ?? acquisition.country;
  const region = address?.region && /^[A-Z0-9]{1,3}$/.test(address.region) ? `${country}-${address.region}` : undefined;
  return [...new Set([acquisition.country, country, ...(region ? [region] : [])])];
}
