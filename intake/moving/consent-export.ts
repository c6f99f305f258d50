import { recordAccesses } from '../../db/access-log.ts';
import type { Db } from '../../db/connection.ts';
import { consentEventsOf, leadsWithConsents, openFacts } from '../../db/consent-moves.ts';
import { openFirstRecords } from '../../db/person-records.ts';
import type { ConsentEventRow } from '../../db/schema.ts';
import type { Vault } from '../../db/vault.ts';
import type { ConsentEvidence } from '../../domain/consent.ts';
import type { PersonalRecord } from '../personal-record.ts';

/** The columns of an export, which an import reads without a mapping. */
export const EXPORT_COLUMNS = [
  'phone', 'kind', 'channel', 'purpose', 'at', 'receivedAt', 'expiresAt', 'grade', 'confirmation', 'act', 'file', 'via',
  'textVersion', 'method', 'language', 'url', 'certificate', 'ipDigest', 'fileDigest', 'statement',
] as const;

/** One consent event as it leaves; what is not known is an empty text. */
export type ExportedConsent = Record<(typeof EXPORT_COLUMNS)[number], string>;

export interface Exporting {
  db: Db;
  vault: Vault;
  actor: string;
  /** As stated by the one who takes it out. */
  reason: string;
  now: () => Date;
}

const LEADS_AT_ONCE = 200;
const EVENTS_AT_ONCE = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * The whole history of consents in portions, by lead and then in the order in which things happened. That the people of a
 * portion are shown, to whom and why, is on record before it is handed on. People whose data is gone are not among them.
 */
export async function* exportConsents(exporting: Exporting): AsyncGenerator<ExportedConsent[]> {
  for (let after = FIRST; ;) {
    const leadIds = await leadsWithConsents(exporting.db, after, LEADS_AT_ONCE);
    const last = leadIds.at(-1);
    if (last === undefined) return;
    yield* exportLeads(exporting, leadIds);
    after = last;
  }
}

async function* exportLeads(
  { db, vault, actor, reason, now }: Exporting, leadIds: readonly string[],
): AsyncGenerator<ExportedConsent[]> {
  const kept = await openFirstRecords(db, vault, leadIds);
  const shown = leadIds.filter((id) => kept.has(id));
  const accesses = { leadIds: shown, actor, fields: ['phone', 'consents'], reason, at: now() };
  const recorded = await db.transaction().execute((tx) => recordAccesses(tx, vault, accesses));
  let last: ConsentEventRow | null = null;
  do {
    const events: ConsentEventRow[] = await consentEventsOf(db, [...recorded], last, EVENTS_AT_ONCE);
    const told = await openFacts(db, vault, events.map(({ lead_id, id }) => ({ leadId: lead_id, factId: id })));
    const personOf = ({ lead_id }: ConsentEventRow): PersonalRecord => kept.get(lead_id)?.[0] ?? {};
    if (events.length > 0) yield events.map((event) => exportedOf(event, personOf(event), told.get(event.id) ?? {}));
    last = events.length === EVENTS_AT_ONCE ? events.at(-1) ?? null : null;
  } while (last !== null);
}

function exportedOf(event: ConsentEventRow, { phone = '' }: PersonalRecord, evidence: ConsentEvidence): ExportedConsent {
  const { kind, channel, purpose, grade, confirmation, origin, own_act: ownAct, acquisition_id: acquisitionId } = event;
  const isOwnAct = origin === null ? acquisitionId === null : ownAct;
  return {
    phone, kind, channel, purpose, grade, confirmation,
    at: event.happened_at.toISOString(),
    receivedAt: event.received_at.toISOString(),
    expiresAt: event.expires_at?.toISOString() ?? '',
    act: kind === 'granted' ? (isOwnAct ? 'own' : 'carried') : '',
    file: origin ?? '',
    via: event.via ?? '',
    textVersion: event.text_version ?? '',
    method: event.method ?? '',
    language: evidence.language ?? '',
    url: evidence.url ?? '',
    certificate: evidence.certificate ?? '',
    ipDigest: evidence.ipDigest ?? '',
    fileDigest: evidence.fileDigest ?? '',
    statement: evidence.statement ?? '',
  };
}
