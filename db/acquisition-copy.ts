import type { Insertable } from 'kysely';
import { asBigint, asBoolean, asBytes, asSmallint, asText, asTextArray, asTimestamp, asUuid } from './binary.ts';
import type { CopyTable } from './copy-rows.ts';
import type { NewImportRefusal } from './import-schema.ts';
import type {
  AcquisitionTable, ConsentEventTable, LeadTable, OutboxTable, PersonalDataTable, SubjectKeyTable,
} from './schema.ts';

export const LEADS: CopyTable<Insertable<LeadTable>> = {
  name: 'lead',
  columns: {
    id: asUuid,
    token: asBigint,
    collision: asSmallint,
    jurisdictions: asTextArray,
    zones: asTextArray,
    line_type: asText,
    is_company: asBoolean,
    stage_since: asTimestamp,
    source_id: asText,
    created_at: asTimestamp,
    next_review_at: asTimestamp,
  },
};

export const SUBJECT_KEYS: CopyTable<Insertable<SubjectKeyTable>> = {
  name: 'keyring.subject_key',
  columns: { lead_id: asUuid, kek: asSmallint, wrapped: asBytes },
};

export const ACQUISITIONS: CopyTable<Insertable<AcquisitionTable>> = {
  name: 'acquisition',
  columns: {
    id: asUuid,
    lead_id: asUuid,
    source_id: asText,
    acquired_at: asTimestamp,
    received_at: asTimestamp,
    method: asText,
    campaign: asText,
    import_id: asUuid,
  },
};

export const PERSONAL_DATA: CopyTable<Insertable<PersonalDataTable>> = {
  name: 'personal_data',
  columns: { lead_id: asUuid, fact_id: asUuid, tier: asSmallint, sealed: asBytes, email_token: asBigint },
};

export const CONSENT_EVENTS: CopyTable<Insertable<ConsentEventTable>> = {
  name: 'consent_event',
  columns: {
    id: asUuid,
    lead_id: asUuid,
    acquisition_id: asUuid,
    kind: asText,
    channel: asText,
    purpose: asText,
    grade: asText,
    effect: asText,
    happened_at: asTimestamp,
    received_at: asTimestamp,
    expires_at: asTimestamp,
    confirmation: asText,
    text_version: asText,
    text_source_id: asText,
    method: asText,
  },
};

export const OUTBOX: CopyTable<Insertable<OutboxTable>> = {
  name: 'outbox',
  columns: { subject: asUuid, workflow: asText, signal: asText, fact_id: asUuid, lane: asSmallint, due_at: asTimestamp },
};

export const IMPORT_REFUSALS: CopyTable<NewImportRefusal> = {
  name: 'import_refusal',
  columns: { import_id: asUuid, row: asBigint, code: asText, column: asText, detail: asText },
};
