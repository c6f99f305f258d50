import { z } from 'zod';
import { readLeadFacts } from '../db/lead-facts.ts';
import { disposalOfLead, type LeadDisposal } from '../db/lead-retention.ts';
import { holdsOfLead, type LegalHold } from '../db/legal-holds.ts';
import type { Db } from '../db/connection.ts';
import { STAGES, type LeadFacts } from '../domain/lead.ts';
import { EVIDENCE } from '../domain/policy.ts';
import { duties, type Duty } from '../domain/retention.ts';
import { review } from '../domain/review.ts';
import { peopleOfLeads } from '../gate/people.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, uuid } from './fields.ts';
import { unknownLead } from './locked-lead.ts';
import { LEAD_READERS } from './roles.ts';
import { route } from './route.ts';

const duty = z
  .object({
    ground: z.enum(['law', 'company']).meta({ description: 'A duty of law keeps evidence, a wish of the company the lead' }),
    rule: z.string().meta({ examples: ['evidence_retention', 'retention.unusedLead'] }),
    jurisdiction: z.string().nullable(),
    source: z.string().meta({ description: 'Where the rule is written' }),
    protects: z.enum([...EVIDENCE, 'acquisition']),
    anchor: answeredInstant.meta({ description: 'From when its period runs: the later of the fact and our learning of it' }),
    until: answeredInstant,
  })
  .meta({ id: 'Duty' });

const retention = z
  .object({
    leadId: uuid,
    at: answeredInstant,
    stage: z.enum(STAGES),
    retainUntil: answeredInstant.nullable().meta({ description: 'When the last of the duties ends; null once it is disposed of' }),
    archiveDueAt: answeredInstant.nullable().meta({ description: 'When its data leaves the hot tables, if nothing happens; null once it has' }),
    archivedAt: answeredInstant.nullable(),
    erasureAskedAt: answeredInstant.nullable().meta({ description: 'Since when only duties of law count: the person asked to be forgotten' }),
    held: z
      .array(z.object({ holdId: uuid, kind: z.string(), placedAt: answeredInstant, until: answeredInstant.nullable() }))
      .meta({ description: 'The orders that keep it beyond that' }),
    duties: z.array(duty).meta({ description: 'The longest first; of each rule and of what it protects the one that reaches furthest' }),
    disposal: z
      .object({
        disposalId: uuid,
        ground: z.enum(['retention', 'subject_request', 'order']),
        openedAt: answeredInstant,
        completedAt: answeredInstant.nullable(),
        waitsFor: z.array(z.string()).meta({ description: 'Stores that have not confirmed yet; `hold` while an order not to dispose stops it' }),
      })
      .nullable(),
  })
  .meta({ id: 'LeadRetention' });

const read = route({
  method: 'get',
  path: '/v1/leads/{id}/retention',
  operation: 'readRetention',
  tag: 'Retention',
  summary: 'Read how long a lead is kept, and why',
  description: 'Every duty and wish to keep it, from its facts as they are now, the orders that hold it, and its disposal where one was opened.',
  roles: LEAD_READERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_lead',
  answers: { 200: { description: 'The reasons', schema: retention } },
  async handle({ db, now }, { params: { id } }) {
    const at = now();
    const facts = await readLeadFacts(db, id, at);
    if (!facts) throw unknownLead();
    const [held, disposal, kept] = await Promise.all([holdsOfLead(db, id, at), disposalOfLead(db, id), keptOf(db, facts, at)]);
    const body = {
      leadId: id,
      at: at.toISOString(),
      archivedAt: isoOf(facts.archivedAt),
      erasureAskedAt: isoOf(facts.erasureAskedAt),
      held: held.map(viewOfHolding),
      ...kept,
      disposal: disposal && viewOfDisposal(disposal, held.length > 0),
    };
    return { status: 200, body };
  },
});

export const leadRetentionRoutes = [read];

/** What keeps a lead; nothing keeps one that has been disposed of, and it has no person any more to look up. */
async function keptOf(
  db: Db, facts: LeadFacts, at: Date,
): Promise<Pick<z.infer<typeof retention>, 'stage' | 'retainUntil' | 'archiveDueAt' | 'duties'>> {
  const person = facts.disposedAt ? undefined : (await peopleOfLeads(db, [facts.id], at)).get(facts.id);
  if (!person) return { stage: facts.stage, retainUntil: null, archiveDueAt: null, duties: [] };
  const { stage, retainUntil, archiveDueAt } = review(facts, person.facts, person.law, at);
  const { policies, settings } = person.law;
  const all = duties(facts, person.facts.consents, policies, settings, at);
  return { stage, retainUntil: isoOf(retainUntil), archiveDueAt: isoOf(archiveDueAt), duties: all.map(viewOfDuty) };
}

function viewOfDuty({ anchor, until, ...named }: Duty): z.infer<typeof duty> {
  return { ...named, anchor: anchor.toISOString(), until: until.toISOString() };
}

function viewOfHolding({ id, kind, placed_at: placedAt, until }: LegalHold) {
  return { holdId: id, kind, placedAt: placedAt.toISOString(), until: isoOf(until) };
}

function viewOfDisposal({ id, ground, openedAt, completedAt, keyDestroyedAt, waitsFor }: LeadDisposal, isHeld: boolean) {
  const stopped = isHeld && keyDestroyedAt === null ? ['hold'] : waitsFor;
  return { disposalId: id, ground, openedAt: openedAt.toISOString(), completedAt: isoOf(completedAt), waitsFor: stopped };
}

function isoOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
