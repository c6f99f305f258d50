export type Confidence = 'primary' | 'secondary' | 'unconfirmed';

/** One value of law: from when (and until when) it holds, where it is written, and how well that was checked. */
export interface Dated<T> {
  from: string;
  to?: string;
  value: T;
  source: string;
  verifiedAt: string;
  confidence: Confidence;
}

/** The law of one jurisdiction (ISO 3166-1 alpha-2, or ISO 3166-2 for a part of a country) as dated values. */
export interface Policy {
  jurisdiction: string;
  name: string;
  /** How long the evidence of a consent is kept, counted from its grant and from each use. ISO 8601. */
  evidenceRetention?: Dated<string>[];
}

/** The value in force at a moment, or null: `from` counts, `to` no longer does; both are dates at midnight UTC. */
export function inForce<T>(values: readonly Dated<T>[] | undefined, at: Date): Dated<T> | null {
  const day = at.toISOString();
  return values?.find((value) => value.from <= day && (value.to === undefined || day < value.to)) ?? null;
}
