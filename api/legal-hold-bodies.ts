import { z } from 'zod';
import type { HoldScope, LegalHold } from '../db/legal-holds.ts';
import { STAGES } from '../domain/lead.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, instant, label, sourceId, text, uuid } from './fields.ts';

const KINDS = ['lead', 'source', 'campaign', 'search'] as const;
const STATES = ['standing', 'release_asked', 'released', 'over'] as const;

const search = z
  .strictObject({
    jurisdiction: text(6).regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, { error: 'must be an ISO 3166 code, such as US or US-FL' }).optional(),
    stage: z.enum(STAGES).exclude(['disposed']).optional().meta({ description: 'Also those that have left it since the hold was placed' }),
    source: sourceId.optional(),
    campaign: label('spring').optional(),
    acquiredFrom: instant.optional().meta({ description: 'The first acquisition came in at or after' }),
    acquiredTo: instant.optional().meta({ description: 'The first acquisition came in before' }),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'must name something', params: { code: 'too_short' },
  })
  .meta({ id: 'HoldSearch', description: 'Leads that meet everything it names, also those that come in later' });

const order = {
  reason: text(500).meta({ description: 'About the case, never about a person: it is kept in clear, and outlives the leads' }),
  until: instant.optional().meta({ description: 'When it ends by itself; left out: when it is released' }),
};

/** An order about the lead in the address. */
export const newLeadHold = z.strictObject(order).meta({ id: 'NewLeadHold' });

/** An order about exactly one of a lead, a source, a campaign or a search. */
export const newHold = z
  .strictObject({
    lead: uuid.regex(UUID_PATTERN).optional(),
    source: sourceId.optional(),
    campaign: label('spring').optional(),
    search: search.optional(),
    ...order,
  })
  .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, {
    error: 'must have exactly one of lead, source, campaign and search', params: { code: 'exactly_one' },
  })
  .meta({ id: 'NewHold' });

export const holdView = z
  .object({
    holdId: uuid,
    state: z.enum(STATES),
    kind: z.enum(KINDS),
    lead: uuid.nullable(),
    source: z.string().nullable(),
    campaign: z.string().nullable(),
    search: z.record(z.string(), z.string()).nullable(),
    reason: z.string(),
    until: answeredInstant.nullable(),
    placedBy: z.string(),
    placedAt: answeredInstant,
    release: z
      .object({
        reason: z.string(),
        askedBy: z.string(),
        askedAt: answeredInstant,
        approvedBy: z.string().nullable(),
        approvedAt: answeredInstant.nullable(),
      })
      .nullable()
      .meta({ description: 'Who asked for its release, why, and who agreed' }),
  })
  .meta({ id: 'Hold' });

/** A hold with how far it reaches now. */
export const countedHold = holdView
  .extend({
    covers: z
      .object({ leads: z.int().min(0), isExact: z.boolean().meta({ description: 'False: there are so many at least' }) })
      .meta({ description: 'Leads that exist and that it is about now, whether or not it still stands' }),
  })
  .meta({ id: 'CountedHold' });

/** Which leads a body is about. */
export function scopeOf({ lead, source, campaign, search: found }: z.output<typeof newHold>): HoldScope {
  if (lead !== undefined) return { kind: 'lead', leadId: lead };
  if (source !== undefined) return { kind: 'source', sourceId: source };
  if (campaign !== undefined) return { kind: 'campaign', campaign };
  const { acquiredFrom, acquiredTo, ...named } = found ?? {};
  const within = { acquiredFrom: acquiredFrom?.toISOString(), acquiredTo: acquiredTo?.toISOString() };
  return { kind: 'search', search: { ...named, ...within } };
}

/** Which leads an order on record is about. */
export function scopeOnRecord(order: LegalHold): HoldScope {
  const { kind, lead_id: leadId, source_id: sourceIdOnRecord, campaign, search: found } = order;
  switch (kind) {
    case 'lead': return { kind, leadId: leadId ?? '' };
    case 'source': return { kind, sourceId: sourceIdOnRecord ?? '' };
    case 'campaign': return { kind, campaign: campaign ?? '' };
    case 'search': return { kind, search: found ?? {} };
  }
}

export function viewOfHold(row: LegalHold, now: Date): z.infer<typeof holdView> {
  return {
    holdId: row.id,
    state: stateOf(row, now),
    kind: row.kind,
    lead: row.lead_id,
    source: row.source_id,
    campaign: row.campaign,
    search: row.search && (row.search as Record<string, string>),
    reason: row.reason,
    until: row.until?.toISOString() ?? null,
    placedBy: row.placed_by,
    placedAt: row.placed_at.toISOString(),
    release: row.release_asked_at && {
      reason: row.release_reason ?? '',
      askedBy: row.release_asked_by ?? '',
      askedAt: row.release_asked_at.toISOString(),
      approvedBy: row.released_by,
      approvedAt: row.released_at?.toISOString() ?? null,
    },
  };
}

function stateOf({ released_at: releasedAt, until, release_asked_at: askedAt }: LegalHold, now: Date): (typeof STATES)[number] {
  if (releasedAt) return 'released';
  if (until && until <= now) return 'over';
  return askedAt ? 'release_asked' : 'standing';
}
