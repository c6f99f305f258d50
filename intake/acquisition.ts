import type { Channel, ConsentEvidence, Grade, Purpose } from '../domain/consent.ts';
import type { LineType } from '../domain/clearance.ts';
import type { Source } from '../domain/source.ts';
import type { LeadPlacing } from '../db/lead-placing.ts';
import { placeOf } from './place/candidates.ts';

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
  /** What a carrier look-up said about the number. */
  lineType?: LineType | undefined;
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

/** What an acquisition says of where a person may be, and of what kind the number is. */
export function placingOf({ phone, country, subject, attributes, lineType }: Placeable): LeadPlacing {
  const isCompany = attributes.company !== undefined;
  return { ...placeOf({ phone, country, address: subject.address, lineType }), lineType: lineType ?? null, isCompany };
}

type Placeable = Pick<Acquisition, 'phone' | 'country' | 'subject' | 'attributes' | 'lineType'>;
