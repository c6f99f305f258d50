import { findLeads, listLeads, type LeadFilter, type LeadState } from '../db/lead-views.ts';
import { leadsToCall } from '../gate/hopper.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, INSTANT_PATTERN, UUID_PATTERN } from './cursor.ts';
import { cutPage } from './pages.ts';

interface ListQuery extends LeadFilter {
  after?: string | undefined;
  limit: number;
}

interface LeadsPage {
  states: LeadState[];
  next: string | null;
}

/** Leads, newest first. */
export async function newestPage({ db }: ApiContext, query: ListQuery): Promise<LeadsPage> {
  const after = decodeCursor(query.after, [UUID_PATTERN]);
  const found = await listLeads(db, query, after?.[0] ?? null, query.limit + 1);
  const { items: states, next } = cutPage(found, query.limit, (last) => encodeCursor(last.id));
  return { states, next };
}

/** Leads who may be called now, longest waiting first. */
export async function hopperPage({ db, now }: ApiContext, { stage, source, campaign, ...query }: ListQuery): Promise<LeadsPage> {
  const cursor = decodeCursor(query.after, [INSTANT_PATTERN, UUID_PATTERN]);
  const after = cursor ? { from: new Date(cursor[0]), id: cursor[1] } : null;
  const { leadIds, next } = await leadsToCall(db, { stage, source, campaign, after }, query.limit, now());
  const states = new Map((await findLeads(db, leadIds)).map((state) => [state.id, state]));
  return {
    states: leadIds.flatMap((id) => states.get(id) ?? []),
    next: next && encodeCursor(next.from.toISOString(), next.id),
  };
}
