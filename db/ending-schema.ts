import type { ColumnType, Generated } from 'kysely';
import type { DisposalProblem, DisposalStore } from '../domain/disposal.ts';

type JsonColumn<T> = ColumnType<T, string | null | undefined, string | null>;

/** An order not to dispose of some leads. */
export interface LegalHoldTable {
  id: string;
  kind: 'lead' | 'source' | 'campaign' | 'search';
  lead_id: Generated<string | null>;
  source_id: Generated<string | null>;
  campaign: Generated<string | null>;
  search: JsonColumn<HoldSearch | null>;
  reason: string;
  until: Generated<Date | null>;
  placed_by: string;
  placed_at: Date;
  release_reason: Generated<string | null>;
  release_asked_by: Generated<string | null>;
  release_asked_at: Generated<Date | null>;
  released_by: Generated<string | null>;
  released_at: Generated<Date | null>;
  /** When the leads of an order that has ended had been looked at again. */
  settled_at: Generated<Date | null>;
}

/** Which leads a hold by search is about: those that meet everything it names, also later ones. */
export interface HoldSearch {
  jurisdiction?: string | undefined;
  /** Those that are in it while the hold stands, and those that have left it since. */
  stage?: string | undefined;
  source?: string | undefined;
  campaign?: string | undefined;
  /** Instants, as text: the first acquisition came in at or after, and before. */
  acquiredFrom?: string | undefined;
  acquiredTo?: string | undefined;
}

/** The sealed personal data of a lead that is out of use. */
export interface ArchiveBundleTable {
  lead_id: string;
  /** What the archive store calls it. */
  object: string;
  sha256: Buffer;
  size_bytes: number;
  records: number;
  /** Digest of the number under the lead's own key. */
  number_check: Buffer;
  stored_at: Date;
  /** When it was read back and found whole. */
  verified_at: Generated<Date | null>;
  /**
   * When the copy in the hot tables was removed; null again while a retrieval has the lead back, and the bundle is not in use.
   */
  hot_removed_at: Generated<Date | null>;
  /** How many acquisitions, and consents given or confirmed, were on record when the lead was archived. */
  acquisitions: number;
  grants: number;
}

/** What may lie in the archive store without being the bundle of a lead: put and not yet taken over, or not needed any more. */
export interface ArchiveStrayTable {
  object: string;
  lead_id: string;
  since: Date;
}

/** An archived lead that somebody wants back for a while. */
export interface RetrievalTable {
  id: string;
  lead_id: string;
  reason: string;
  days: number;
  asked_by: string;
  asked_at: Date;
  approved_by: Generated<string | null>;
  approved_at: Generated<Date | null>;
  /** Before anybody had agreed. */
  withdrawn_by: Generated<string | null>;
  withdrawn_at: Generated<Date | null>;
  /** From the approval on. */
  until: Generated<Date | null>;
  back_at: Generated<Date | null>;
  returned_at: Generated<Date | null>;
}

export type DisposalGround = 'retention' | 'subject_request' | 'order';

/** The destruction of a lead's personal data, under way or complete. */
export interface DisposalTable {
  id: string;
  lead_id: string;
  ground: DisposalGround;
  /** The subject request that it fulfils. */
  request_id: Generated<string | null>;
  reason: Generated<string | null>;
  opened_by: string;
  opened_at: Date;
  /** The second person that an order takes; until then it is only asked for. */
  approved_by: Generated<string | null>;
  approved_at: Generated<Date | null>;
  attempts: Generated<number>;
  next_attempt_at: Generated<Date | null>;
  key_destroyed_at: Generated<Date | null>;
  /** Under which key-encryption key the data key lay. */
  kek: Generated<number | null>;
  /** When nothing was found any more. */
  verified_at: Generated<Date | null>;
  completed_at: Generated<Date | null>;
  certificate: JsonColumn<object | null>;
}

/** An order that was taken back before a second person had agreed to it; under the id that its disposal had. */
export interface WithdrawnOrderTable {
  id: string;
  lead_id: string;
  reason: string | null;
  opened_by: string;
  opened_at: Date;
  withdrawn_by: string;
  withdrawn_at: Date;
}

/** What one store did about a disposal. */
export interface DisposalStepTable {
  disposal_id: string;
  store: DisposalStore;
  attempts: Generated<number>;
  tried_at: Generated<Date | null>;
  /** Why it has not confirmed, in a word of ours. */
  problem: Generated<DisposalProblem | null>;
  confirmed_at: Generated<Date | null>;
  evidence: JsonColumn<object | null>;
}

/** A source or a campaign that nothing more is to come from. */
export interface ClosureTable {
  id: string;
  source_id: Generated<string | null>;
  campaign: Generated<string | null>;
  reason: string;
  closed_by: string;
  closed_at: Date;
  /** The lead to which word of it has come, the newest first; the moment at which everybody had been told. */
  told_to: Generated<string | null>;
  told_at: Generated<Date | null>;
}

export interface RefusedAcquisitionTable {
  id: string;
  token: bigint;
  source_id: string;
  acquired_at: Date;
  received_at: Date;
}
