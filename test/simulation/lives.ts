import { sql } from 'kysely';
import { createReviewActivities } from '../../activities/review.ts';
import { insertConsentEvent } from '../../db/consents.ts';
import { insertContact } from '../../db/contacts.ts';
import { newId } from '../../db/ids.ts';
import { insertHold, releaseHold } from '../../db/legal-holds.ts';
import { insertSubjectRequest } from '../../db/subject-requests.ts';
import type { House } from '../setup/house.ts';
import type { Chance } from './chance.ts';
import type { Country, Expected, Life, LifeFact } from './naive-retention.ts';

const DAY = 86_400_000;

const NUMBERS: Record<Country, (nth: number) => string> = {
  US: (nth) => `+1202555${String(nth).padStart(4, '0')}`,
  DE: (nth) => `+49151${String(20_000_000 + nth)}`,
  GB: (nth) => `+44740${String(1_000_000 + nth)}`,
  CN: (nth) => `+8613800${String(100_000 + nth)}`,
};

/** A life by chance: it begins within a year, and most that happens in it happens early. */
export function inventLife(chance: Chance, nth: number, begin: Date): Life {
  const country = chance.oneOf(['US', 'DE', 'GB', 'CN'] as const);
  const start = chance.moment(begin, new Date(begin.getTime() + 365 * DAY));
  const after = (days: number) => chance.moment(start, new Date(start.getTime() + days * DAY));
  const some = (probability: number, most: number, invent: () => LifeFact): LifeFact[] =>
    Array.from({ length: most }, () => (chance.happens(probability) ? [invent()] : [])).flat();
  const consented = (): LifeFact => {
    const at = after(chance.happens(0.7) ? 30 : 900);
    return { what: 'consented', at, until: chance.happens(0.5) ? null : new Date(at.getTime() + (20 + chance.below(900)) * DAY) };
  };
  const plain = (what: Exclude<LifeFact['what'], 'consented'>, days: number) => (): LifeFact => ({ what, at: after(days) });
  const held = some(0.15, 1, plain('held', 900)).flatMap((fact): LifeFact[] => {
    const releasedAt = new Date(fact.at.getTime() + (5 + chance.below(700)) * DAY);
    return chance.happens(0.3) ? [fact] : [fact, { what: 'released', at: releasedAt }];
  });
  const facts: LifeFact[] = [
    ...some(0.15, 2, plain('acquired', 1200)), ...some(0.5, 2, consented), ...some(0.2, 3, plain('contacted', 700)),
    ...some(0.2, 2, plain('asked', 500)), ...some(0.1, 1, plain('requested', 900)), ...some(0.2, 1, plain('withdrawn', 800)),
    ...some(0.15, 1, plain('opted_out', 900)), ...some(0.12, 1, plain('forget', 1200)), ...held,
  ];
  facts.sort((a, b) => a.at.getTime() - b.at.getTime());
  return { country, phone: NUMBERS[country](nth), facts: [{ what: 'acquired', at: start }, ...facts] };
}

/** What carries out what a review asks for, so that the real thing can take the place of the mark that is made here. */
export interface Endings {
  archive(leadId: string, at: Date): Promise<void>;
  bringBack(leadId: string, at: Date): Promise<void>;
  dispose(leadId: string, at: Date): Promise<void>;
}

/** Marks the lead as archived, back or destroyed and moves nothing. */
export function markedEndings({ db }: House): Endings {
  const mark = (leadId: string, changes: { archived_at?: Date | null; disposed_at?: Date }) =>
    db.updateTable('lead').set(changes).where('id', '=', leadId).execute().then(() => undefined);
  return {
    async archive(leadId, at) {
      await mark(leadId, { archived_at: at });
      await sql`insert into archive_bundle (lead_id, object, sha256, size_bytes, records, number_check, stored_at, acquisitions, grants)
        select ${leadId}::uuid, 'none', '', 0, 0, '', ${at}::timestamptz,
          (select count(*) from acquisition where lead_id = ${leadId}),
          (select count(*) from consent_event where lead_id = ${leadId} and kind in ('granted', 'confirmed'))`.execute(db);
    },
    async bringBack(leadId) {
      await mark(leadId, { archived_at: null });
      await db.deleteFrom('archive_bundle').where('lead_id', '=', leadId).execute();
    },
    dispose: (leadId, at) => mark(leadId, { disposed_at: at }),
  };
}

/**
 * Lives a life: each fact at its moment, each review at the moment that the one before asked for. Answers what became of
 * the lead.
 */
export async function live(
  house: House, { country, phone }: Pick<Life, 'country' | 'phone'>, facts: readonly LifeFact[], end: Date,
): Promise<{ leadId: string; became: Expected[] }> {
  const became: Expected[] = [];
  const endings = markedEndings(house);
  let leadId = '';
  let wakesAt: Date | null = null;
  for (let nth = 0; ;) {
    const fact = facts[nth];
    const at: Date | null = earlier(fact?.at ?? null, wakesAt);
    if (!at || at > end) return { leadId, became };
    if (at === fact?.at) {
      leadId = await happen(house, leadId, { country, phone }, fact);
      nth += 1;
    }
    wakesAt = await lookAfter(house, endings, leadId, at, became);
    if (wakesAt === null) return { leadId, became };
  }
}

/** Reviews a lead and does what is asked until nothing is; answers when it is to be looked at again. */
export async function lookAfter(
  house: House, endings: Endings, leadId: string, at: Date, became: Expected[],
): Promise<Date | null> {
  const reviews = createReviewActivities({ db: house.db, now: () => at });
  for (let round = 0; round < 5; round += 1) {
    const { action, reviewInMs } = await reviews.reviewLead(leadId);
    if (!action) return reviewInMs === null ? null : new Date(at.getTime() + reviewInMs);
    if (action === 'archive') await endings.archive(leadId, at);
    if (action === 'bring_back') await endings.bringBack(leadId, at);
    if (action === 'dispose') await endings.dispose(leadId, at);
    became.push({ what: ({ archive: 'archived', bring_back: 'back', dispose: 'disposed' } as const)[action], at });
  }
  throw new Error('a lead goes back and forth without end');
}

async function happen(
  house: House, leadId: string, { country, phone }: Pick<Life, 'country' | 'phone'>, fact: LifeFact,
): Promise<string> {
  const { db } = house;
  const { at } = fact;
  const consent = {
    lead_id: leadId, acquisition_id: null, channel: 'call', purpose: 'marketing', grade: 'express_written', effect: 'in_force',
    happened_at: at, received_at: at, confirmation: 'none', text_version: null,
  } as const;
  switch (fact.what) {
    case 'acquired': {
      const planned = await house.acquire({ phone, country, acquiredAt: at, receivedAt: at });
      return planned.leadId;
    }
    case 'consented':
      await db.transaction().execute((tx) => insertConsentEvent(tx, { ...consent, kind: 'granted', expires_at: fact.until }));
      return leadId;
    case 'withdrawn':
      await db.transaction().execute((tx) => insertConsentEvent(tx, { ...consent, kind: 'revoked', expires_at: null }));
      return leadId;
    case 'contacted':
      await db.transaction().execute((tx) => insertContact(tx, {
        leadId, clearanceId: null, channel: 'call', purpose: 'marketing', campaign: null, seller: 'acme', outcome: 'no_answer',
        startedAt: at, endedAt: at, durationSeconds: null, callerId: null, agent: null, reference: null,
      }, at));
      return leadId;
    case 'asked':
      await db.insertInto('clearance').values({
        id: newId(), lead_id: leadId, at, decision: 'allow', channel: 'call', purpose: 'marketing', campaign: null, seller: 'acme',
        agent: null, dialer_mode: 'manual', caller_id: null, valid_until: null, not_before: null, policy_version: 'x',
        settings_version: 0, reason_codes: [], reason_jurisdictions: [], answer: '{}', facts: '{}', person: Buffer.alloc(0),
        asked_by: 'key:x',
      }).execute();
      return leadId;
    case 'requested': {
      const { token } = await tokenOf(house, leadId);
      const request = { lead_id: leadId, token, kind: 'access', via: 'letter', requested_at: at, received_at: at } as const;
      await db.transaction().execute((tx) => insertSubjectRequest(tx, request));
      return leadId;
    }
    case 'opted_out': {
      const { token } = await tokenOf(house, leadId);
      const optOut = { id: newId(), token, kind: 'opt_out', channel: 'all', reported_at: at, received_at: at } as const;
      await db.insertInto('suppression').values(optOut).execute();
      return leadId;
    }
    case 'forget':
      await db.updateTable('lead').set({ erasure_asked_at: at }).where('id', '=', leadId).execute();
      return leadId;
    case 'held':
      await db.transaction().execute((tx) => {
        return insertHold(tx, { kind: 'lead', leadId }, { reason: 'x', until: null, by: 'key:x' }, at);
      });
      return leadId;
    case 'released': {
      const hold = await db.selectFrom('legal_hold').select('id').where('lead_id', '=', leadId).executeTakeFirst();
      if (hold) await db.transaction().execute((tx) => releaseHold(tx, hold.id, 'key:y', at));
      return leadId;
    }
  }
}

async function tokenOf({ db }: House, leadId: string): Promise<{ token: bigint }> {
  const { rows: [row] } = await sql<{ token: bigint }>`select token from lead where id = ${leadId}`.execute(db);
  if (!row) throw new Error('a lead has a token');
  return row;
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (!one || !other) return one ?? other;
  return one <= other ? one : other;
}
