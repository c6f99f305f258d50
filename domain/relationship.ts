export const RELATIONSHIP_KINDS = ['purchase', 'inquiry', 'contract'] as const;
export type RelationshipKind = (typeof RELATIONSHIP_KINDS)[number];

/** Something between the person and the company that can stand in for a consent. */
export interface Relationship {
  id: string;
  kind: RelationshipKind;
  at: Date;
  /** When a contract ends, or null while that is open. */
  endsAt: Date | null;
}
