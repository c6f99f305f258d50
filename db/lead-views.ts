import { sql, type Selectable, type SelectQueryBuilder } from 'kysely';
import type { Stage } from '../domain/lead.ts';
import type { Db } from './connection.ts';
import type { AcquisitionTable, ConsentEventTable, Database, LeadRow } from './schema.ts';

/** Which leads a list shows: those of a stage, and those with one acquisition of this source and campaign. */
export interface LeadFilter {
  stage?: Stage | undefined;
  source?: string | undefined;
  campaign?: string | undefined;
}

/** A lead's row without what is of use inside the database only. */
export type LeadState = Pick<LeadRow, (typeof STATE)[number] extends `lead.${infer Column extends keyof LeadRow}` ? Column : never>;

const STATE = [
  'lead.id', 'lead.stage', 'lead.consent_state', 'lead.dnc_state', 'lead.jurisdictions', 'lead.source_id',
  'lead.created_at', 'lead.next_review_at', 'lead.archive_due_at', 'lead.archived_at', 'lead.retrieved_until', 'lead.retain_until', 'lead.zones', 'lead.line_type', 'lead.blockers',
  'lead.contactable_from',
] as const;

/** Leads, newest first, those after a lead id; at most `limit`. Walks an index for every filter and never counts. */
export function leadListQuery(db: Db, { stage, source, campaign }: LeadFilter, after: string | null, limit: number) {
  const everyLead = source === undefined && campaign === undefined;
  const query = everyLead ? allLeads(db, after) : leadsWithAcquisition(db, source, campaign, after);
  return query
    .select(STATE)
    .$if(stage !== undefined, (leads) => leads.where('lead.stage', '=', stage as Stage))
    .limit(limit);
}

export async function listLeads(db: Db, filter: LeadFilter, after: string | null, limit: number): Promise<LeadState[]> {
  return leadListQuery(db, filter, after, limit).execute();
}

type LeadQuery = SelectQueryBuilder<Database, 'lead', object>;

function allLeads(db: Db, after: string | null): LeadQuery {
  const query = db.selectFrom('lead').orderBy('lead.id', 'desc');
  return after === null ? query : query.where('lead.id', '<', after);
}

/** Leads with an acquisition of this source and campaign, each once, in the order of the index that finds them. */
function leadsWithAcquisition(db: Db, source: string | undefined, campaign: string | undefined, after: string | null): LeadQuery {
  const found = db
    .selectFrom('acquisition')
    .select('lead_id')
    .distinct()
    .$if(source !== undefined, (query) => query.where('source_id', '=', source as string))
    .$if(campaign !== undefined, (query) => query.where('campaign', '=', campaign as string))
    .$if(after !== null, (query) => query.where('lead_id', '<', after as string))
    .orderBy('lead_id', 'desc');
  const query = db.selectFrom(found.as('found')).innerJoin('lead', 'lead.id', 'found.lead_id').orderBy('found.lead_id', 'desc');
  return query;
}

/** The leads of some ids, newest first; ids without a lead are left out. */
export async function findLeads(db: Db, ids: readonly string[]): Promise<LeadState[]> {
  const wanted = sql<string>`any(${ids}::uuid[])`;
  return db.selectFrom('lead').select(STATE).where('lead.id', '=', wanted).orderBy('lead.id', 'desc').execute();
}

/** The ids of leads with an e-mail address of this token, newest first; at most `limit`. Tokens can be shared: compare. */
export async function findLeadIdsByEmail(db: Db, token: bigint, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('personal_data')
    .select('lead_id')
    .distinct()
    .where('email_token', '=', token)
    .orderBy('lead_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.lead_id);
}

export type AcquisitionView = Selectable<AcquisitionTable>;
export type ConsentView = Selectable<ConsentEventTable>;

/** The latest acquisitions of some leads, newest first, at most `limit` of each. */
export async function latestAcquisitions(db: Db, leadIds: readonly string[], limit: number): Promise<AcquisitionView[]> {
  const { rows } = await sql<AcquisitionView>`
    select acquisition.* from unnest(${leadIds}::uuid[]) wanted(id) cross join lateral (
      select * from acquisition where lead_id = wanted.id order by received_at desc, id desc limit ${limit}
    ) acquisition`.execute(db);
  return rows;
}

/** The latest consent events of some leads, newest first, at most `limit` of each. */
export async function latestConsents(db: Db, leadIds: readonly string[], limit: number): Promise<ConsentView[]> {
  const { rows } = await sql<ConsentView>`
    select event.* from unnest(${leadIds}::uuid[]) wanted(id) cross join lateral (
      select * from consent_event where lead_id = wanted.id order by happened_at desc, id desc limit ${limit}
    ) event`.execute(db);
  return rows;
}
