/** How sensitive a piece of personal data is: 1 the most, 3 business data and statistics. */
export type Tier = 1 | 2 | 3;

/** What may be kept about a person beside name, number, address and e-mail, why, and for how long. */
export interface Attribute {
  tier: Tier;
  purpose: string;
  /** ISO 8601 duration after the last acquisition, or as long as the lead itself is kept. */
  retention: 'lead' | `P${string}`;
  maxLength: number;
}

/**
 * The attributes that a lead can carry. Anything else is refused, so that nothing is collected that nobody gave a purpose
 * (data minimisation, GDPR art. 5(1)(c)).
 */
export const ATTRIBUTES = {
  company: { tier: 3, purpose: 'tells business numbers from private ones, which some do-not-call registers treat apart', retention: 'lead', maxLength: 200 },
  job_title: { tier: 2, purpose: 'lets an agent ask for the right conversation', retention: 'lead', maxLength: 120 },
  industry: { tier: 3, purpose: 'chooses the campaign', retention: 'lead', maxLength: 120 },
  language: { tier: 2, purpose: 'chooses an agent the person understands (BCP 47)', retention: 'lead', maxLength: 35 },
  external_id: { tier: 2, purpose: 'finds the person in the CRM that sent the lead', retention: 'lead', maxLength: 120 },
  product_interest: { tier: 2, purpose: 'says what the person asked about', retention: 'lead', maxLength: 200 },
} as const satisfies Record<string, Attribute>;

export type AttributeName = keyof typeof ATTRIBUTES;
