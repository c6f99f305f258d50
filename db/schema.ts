import type { Generated, Selectable } from 'kysely';
import type { Channel, ConsentEffect, ConsentEventKind, Grade, Purpose } from '../domain/consent.ts';
import type { ConsentState } from '../domain/consent-ledger.ts';
import type { LineType } from '../domain/clearance.ts';
import type { DncState, LeadSignal, Stage, SuppressionKind } from '../domain/lead.ts';
import type { Confirmation, ConsentText, LegalBasis, SourceKind } from '../domain/source.ts';
import type {
  ConfirmationRequestTable, CorrectionTable, ForgottenLinkTable, PersonLinkTable, SubjectRequestCodeTable,
  SubjectRequestStepTable,
  SubjectRequestTable,
} from './person-schema.ts';
import type { DncFetchTable, ListCountTable, ListWarningTable } from './list-watch-schema.ts';
import type {
  ClearanceTable, ContactTable, LawTable, PortingTable, RelationshipTable, ReservationTable, SettingsTable,
  UnclearOptOutTable,
} from './gate-schema.ts';
import type { ExportTable } from './exports.ts';
import type {
  DncBlockTable, DncFlipTable, DncHitTable, DncLatecomerTable, DncListTable, DncReleaseTable, DncStagedBlockTable,
} from './dnc-schema.ts';
import type {
  ExternalReferenceTable, WaitingStatementTable, WebhookEventTable, WebhookSecretTable, WebhookSourceTable,
} from './webhook-schema.ts';
import type { WebhookDeliveryTable, WebhookEndpointTable } from './endpoint-schema.ts';
import type { CertificateCheckTable, CertificateProviderTable } from './certificate-schema.ts';
import type {
  ArchiveBundleTable, ArchiveStrayTable, ClosureTable, DisposalStepTable, DisposalTable, LegalHoldTable, RefusedAcquisitionTable,
  RetrievalTable, WithdrawnOrderTable,
} from './ending-schema.ts';
import type { ApiKeyTable, IdempotencyTable } from './api-schema.ts';
import type { ImportRefusalTable, ImportTable } from './import-schema.ts';
import type { KeyEpochTable, KeyReaderTable, KeyRotationTable } from './key-schema.ts';
import type { ReassignedAnswerTable, ReassignedCheckTable } from './reassigned-schema.ts';
import type { ConsentImportRefusalTable, ConsentImportTable } from './consent-move-schema.ts';
import type { JournalEntryTable, RestorationTable } from './journal-schema.ts';
import type { SuppressionImportRefusalTable, SuppressionImportTable } from './own-list-schema.ts';

export interface Database {
  source: SourceTable;
  lead: LeadTable;
  acquisition: AcquisitionTable;
  consent_event: ConsentEventTable;
  suppression: SuppressionTable;
  suppression_import: SuppressionImportTable;
  suppression_import_refusal: SuppressionImportRefusalTable;
  suppression_export: ExportTable;
  consent_import: ConsentImportTable;
  consent_import_refusal: ConsentImportRefusalTable;
  consent_export: ExportTable;
  certificate_check: CertificateCheckTable;
  certificate_provider: CertificateProviderTable;
  unclear_opt_out: UnclearOptOutTable;
  relationship: RelationshipTable;
  subject_request: SubjectRequestTable;
  subject_request_step: SubjectRequestStepTable;
  subject_request_code: SubjectRequestCodeTable;
  correction: CorrectionTable;
  webhook_source: WebhookSourceTable;
  webhook_secret: WebhookSecretTable;
  webhook_event: WebhookEventTable;
  external_reference: ExternalReferenceTable;
  waiting_statement: WaitingStatementTable;
  confirmation_request: ConfirmationRequestTable;
  person_link: PersonLinkTable;
  forgotten_link: ForgottenLinkTable;
  contact: ContactTable;
  reassigned_answer: ReassignedAnswerTable;
  reassigned_check: ReassignedCheckTable;
  porting: PortingTable;
  dnc_list: DncListTable;
  dnc_release: DncReleaseTable;
  dnc_block: DncBlockTable;
  dnc_staged_block: DncStagedBlockTable;
  dnc_flip: DncFlipTable;
  dnc_hit: DncHitTable;
  dnc_latecomer: DncLatecomerTable;
  dnc_fetch: DncFetchTable;
  list_warning: ListWarningTable;
  list_count: ListCountTable;
  settings: SettingsTable;
  law: LawTable;
  clearance: ClearanceTable;
  reservation: ReservationTable;
  stage_change: StageChangeTable;
  legal_hold: LegalHoldTable;
  archive_bundle: ArchiveBundleTable;
  archive_stray: ArchiveStrayTable;
  retrieval: RetrievalTable;
  disposal: DisposalTable;
  disposal_step: DisposalStepTable;
  withdrawn_order: WithdrawnOrderTable;
  closure: ClosureTable;
  refused_acquisition: RefusedAcquisitionTable;
  journal_entry: JournalEntryTable;
  restoration: RestorationTable;
  personal_data: PersonalDataTable;
  'keyring.subject_key': SubjectKeyTable;
  'keyring.key_check': KeyCheckTable;
  'keyring.epoch': KeyEpochTable;
  'keyring.reader': KeyReaderTable;
  key_rotation: KeyRotationTable;
  access_log: AccessLogTable;
  outbox: OutboxTable;
  import: ImportTable;
  import_refusal: ImportRefusalTable;
  webhook_endpoint: WebhookEndpointTable;
  webhook_delivery: WebhookDeliveryTable;
  idempotency: IdempotencyTable;
  api_key: ApiKeyTable;
}

export interface SourceTable {
  id: string;
  name: string;
  kind: SourceKind;
  legal_basis: LegalBasis;
  confirmation: Confirmation;
  default_region: string | null;
  /** Written as JSON text, read as the value. */
  consent_texts: JsonColumn<ConsentText[]>;
  created_at: Date;
  /** Since when it is not in use. */
  suspended_at: Generated<Date | null>;
  suspended_because: Generated<string | null>;
}

export interface LeadTable {
  id: string;
  /** Null once it has been disposed of. */
  token: bigint | null;
  /** Tells numbers apart whose tokens are equal; 0 but for a collision. */
  collision: Generated<number>;
  jurisdictions: string[];
  stage: Generated<Stage>;
  stage_since: Date;
  consent_state: Generated<ConsentState>;
  dnc_state: Generated<DncState>;
  source_id: string;
  created_at: Date;
  next_review_at: Date | null;
  reviewed_at: Generated<Date | null>;
  archive_due_at: Generated<Date | null>;
  retain_until: Generated<Date | null>;
  archived_at: Generated<Date | null>;
  disposed_at: Generated<Date | null>;
  /** Until when an archived lead is back, for a retrieval. */
  retrieved_until: Generated<Date | null>;
  /** Since when only duties of law keep it, because the person asked to be forgotten; and by which request. */
  erasure_asked_at: Generated<Date | null>;
  erasure_request_id: Generated<string | null>;
  /** As of the last review: an order not to dispose of it stands. */
  held: Generated<boolean>;
  /** As of the last review: the rules behind its due dates. */
  retain_rule: Generated<string | null>;
  archive_rule: Generated<string | null>;
  /** Candidate IANA zones of its number and addresses. */
  zones: Generated<string[]>;
  line_type: Generated<LineType | null>;
  is_company: Generated<boolean>;
  /** As of the last review: codes of what stands against a marketing call, calling hours left aside. */
  blockers: Generated<string[]>;
  /** As of the last review: from when a marketing call is lawful, hours left aside; null while time alone changes nothing. */
  contactable_from: Generated<Date | null>;
  /** Leads with the same hours have the same one: jurisdictions, zones and whether a consent opens the hours. */
  contact_area: Generated<string | null>;
}

export interface AcquisitionTable {
  id: string;
  lead_id: string;
  source_id: string;
  acquired_at: Date;
  received_at: Date;
  method: string;
  campaign: string | null;
  import_id: string | null;
}

export interface ConsentEventTable {
  id: string;
  lead_id: string;
  acquisition_id: string | null;
  kind: ConsentEventKind;
  channel: Channel | 'all';
  purpose: Purpose | 'all';
  grade: Grade;
  effect: ConsentEffect;
  happened_at: Date;
  received_at: Date;
  expires_at: Date | null;
  confirmation: Confirmation;
  text_version: string | null;
  /** How it was recorded. */
  method: Generated<string | null>;
  /** The source whose text of this version was agreed to. */
  text_source_id: Generated<string | null>;
  /** The way a withdrawal came. */
  via: Generated<string | null>;
  /** The file of another system's ledger that brought it; behind a slash the one that it had come to that system in. */
  origin: Generated<string | null>;
  /** In that ledger the person gave it for its own sake. */
  own_act: Generated<boolean>;
}

export interface SuppressionTable {
  id: string;
  token: bigint;
  kind: SuppressionKind;
  channel: Channel | 'all';
  reported_at: Date;
  received_at: Date;
  lifted_at: Generated<Date | null>;
  via: Generated<string | null>;
  /** The contact whose outcome it was. */
  contact_id: Generated<string | null>;
  /** The fact under which reason and evidence of its end are sealed. */
  lifted_because: Generated<string | null>;
  /** The key that ended it. */
  lifted_by: Generated<string | null>;
  /** Why it ended, in clear, where there is no lead under whose key it could be sealed. */
  lifted_reason: Generated<string | null>;
  /** The file it came in. */
  import_id: Generated<string | null>;
  /** Since when the person it speaks of is no lead any more: the number is not taken in again. */
  outlived_at: Generated<Date | null>;
}

export interface StageChangeTable {
  id: string;
  lead_id: string;
  from_stage: Stage;
  to_stage: Stage;
  at: Date;
}

export interface PersonalDataTable {
  lead_id: string;
  /** The acquisition, consent event or access this belongs to. */
  fact_id: string;
  tier: 1 | 2;
  sealed: Buffer;
  email_token: bigint | null;
}

export interface SubjectKeyTable {
  lead_id: string;
  kek: number;
  wrapped: Buffer;
}

export interface KeyCheckTable {
  name: string;
  fingerprint: Buffer;
}

export interface AccessLogTable {
  id: string;
  lead_id: string;
  actor: string;
  fields: string[];
  at: Date;
}

export interface OutboxTable {
  id: Generated<bigint>;
  /** The lead, import, release, check, endpoint or rotation whose workflow is to hear of it. */
  subject: string;
  workflow: 'lead' | 'import' | 'release' | 'consent_import' | 'certificate' | 'endpoint' | 'key_rotation' | 'subject_request'
    | 'reassigned_check';
  signal: LeadSignal | 'received' | 'deliveriesWaiting' | 'endpointChanged' | 'requestChanged';
  fact_id: string;
  /** 0: somebody waits for it. 1: bulk, delivered at a configured rate. 2: to endpoints, of which there may be many at once. */
  lane: 0 | 1 | 2;
  due_at: Date;
  attempts: Generated<number>;
  /** What an operator reads beside the signal: who said what, through whom. Nothing personal. */
  said: Generated<string | null>;
}

type JsonColumn<T> = import('kysely').ColumnType<T, string, string>;

export type SourceRow = Selectable<SourceTable>;
export type LeadRow = Selectable<LeadTable>;
export type ConsentEventRow = Selectable<ConsentEventTable>;
