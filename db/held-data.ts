import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Of what there can be thousands, the latest so many are shown, and how many there are. */
const SHOWN = 500;

/** What is on the books about a lead besides what is sealed, for the person themselves. Instants are RFC 3339 text. */
export interface HeldFacts {
  jurisdictions: string[];
  zones: string[];
  createdAt: string;
  retainUntil: string | null;
  acquisitions: {
    id: string; source: string; sourceName: string; sourceKind: string; legalBasis: string;
    acquiredAt: string; receivedAt: string; method: string; campaign: string | null;
  }[];
  consents: {
    id: string; kind: string; channel: string; purpose: string; grade: string; happenedAt: string;
    receivedAt: string; expiresAt: string | null; textVersion: string | null; method: string | null;
    via: string | null;
  }[];
  contacts: {
    id: string; channel: string; purpose: string; campaign: string | null; outcome: string; startedAt: string;
    endedAt: string; callerId: string | null; reference: string | null;
  }[];
  clearances: {
    id: string; at: string; decision: string; channel: string; purpose: string; campaign: string | null;
    seller: string; reasons: string[]; jurisdictions: string[];
  }[];
  clearanceCount: number;
  suppressions: { kind: string; channel: string; reportedAt: string; liftedAt: string | null; via: string | null }[];
  lists: { list: string; name: string; since: string; freedAsOf: string | null }[];
  relationships: { kind: string; at: string; endsAt: string | null }[];
  portings: { at: string; lineType: string }[];
  statements: { id: string; channel: string; statedAt: string; meaning: string | null }[];
  accesses: { id: string; at: string; actor: string; fields: string[] }[];
  recipients: { host: string; since: string; until: string | null }[];
  requests: { id: string; kind: string; via: string; requestedAt: string; state: string; endedAt: string | null }[];
  corrections: { id: string; at: string; fields: string[] }[];
}

/** Everything but the sealed of one lead, of one moment; null for none. */
export async function heldFacts(db: Db, leadId: string): Promise<HeldFacts | null> {
  const rows = (query: ReturnType<typeof sql>) => sql`coalesce((select json_agg(found) from (${query}) found), '[]')`;
  const { rows: [found] } = await sql<{ held: HeldFacts }>`
    select json_build_object(
      'jurisdictions', lead.jurisdictions, 'zones', lead.zones, 'createdAt', lead.created_at, 'retainUntil', lead.retain_until,
      'acquisitions', ${rows(sql`
        select acquisition.id, source_id as source, source.name as "sourceName", source.kind as "sourceKind", source.legal_basis as "legalBasis",
          acquired_at as "acquiredAt", received_at as "receivedAt", method, campaign
        from acquisition join source on source.id = source_id where lead_id = lead.id order by received_at limit ${SHOWN}`)},
      'consents', ${rows(sql`
        select id, kind, channel, purpose, grade, happened_at as "happenedAt", received_at as "receivedAt", expires_at as "expiresAt",
          text_version as "textVersion", method, via
        from consent_event where lead_id = lead.id order by happened_at, id limit ${SHOWN}`)},
      'contacts', ${rows(sql`
        select id, channel, purpose, campaign, outcome, started_at as "startedAt", ended_at as "endedAt", caller_id as "callerId", reference
        from contact where lead_id = lead.id order by started_at desc limit ${SHOWN}`)},
      'clearances', ${rows(sql`
        select id, at, decision, channel, purpose, campaign, seller, reason_codes as reasons, reason_jurisdictions as jurisdictions
        from clearance where lead_id = lead.id order by id desc limit ${SHOWN}`)},
      'clearanceCount', (select count(*) from clearance where lead_id = lead.id),
      'suppressions', ${rows(sql`
        select kind, channel, reported_at as "reportedAt", lifted_at as "liftedAt", via from suppression where token = lead.token order by id limit ${SHOWN}`)},
      'lists', ${rows(sql`
        select list_id as list, dnc_list.name, since, freed_as_of as "freedAsOf"
        from dnc_hit join dnc_list on dnc_list.id = list_id where lead_id = lead.id order by since limit ${SHOWN}`)},
      'relationships', ${rows(sql`select kind, at, ends_at as "endsAt" from relationship where lead_id = lead.id order by at limit ${SHOWN}`)},
      'portings', ${rows(sql`select at, line_type as "lineType" from porting where lead_id = lead.id order by at limit ${SHOWN}`)},
      'statements', ${rows(sql`
        select id, channel, stated_at as "statedAt", resolved_as as meaning from unclear_opt_out where lead_id = lead.id order by id limit ${SHOWN}`)},
      'accesses', ${rows(sql`select id, at, actor, fields from access_log where lead_id = lead.id order by at desc limit ${SHOWN}`)},
      'recipients', ${rows(sql`
        select host, created_at as since, ended_at as until from webhook_endpoint
        where ended_at is null or ended_at > lead.created_at order by created_at limit ${SHOWN}`)},
      'requests', ${rows(sql`
        select id, kind, via, requested_at as "requestedAt", state, ended_at as "endedAt" from subject_request where lead_id = lead.id order by id limit ${SHOWN}`)},
      'corrections', ${rows(sql`select id, at, fields from correction where lead_id = lead.id order by id limit ${SHOWN}`)}
    ) as held
    from lead where id = ${leadId}`.execute(db);
  return found?.held ?? null;
}
