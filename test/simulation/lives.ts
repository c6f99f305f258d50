import { sql } from 'kysely';
import { insertConsentEvent } from '../../db/consents.ts';
import { insertContact } from '../../db/contacts.ts';
import { orderErasure } from '../../db/erasures.ts';
import { newId } from '../../db/ids.ts';
import { insertHold, releaseHold } from '../../db/legal-holds.ts';
import { approveRetrieval, insertRetrieval } from '../../db/retrievals.ts';
import { insertSubjectRequest } from '../../db/subject-requests.ts';
import type { House } from '../setup/house.ts';
import type { Caretaker, Look } from './caretaker.ts';
import type { Chance } from './chance.ts';
import type { Country, Expected, Life, LifeFact } from './naive-retention.ts';

const DAY = 86_400_000;

const NUMBERS: Record<Country, (nth: number) => string> = {
  US: (nth) => `+1202555${String(nth).padStart(4, '0')}`,
  DE: (nth) => `+49151${String(20_000_000 + nth)}`,
  GB: (nth) => `+44740${String(1_000_000 + nth)}`,
  CN: (nth) => `+8613800${String(100_000 + nth)}`,
};

/** Where an address keeps nobody contactable who is not so by call or message. */
const WITH_EMAIL: readonly Country[] = ['US', 'GB'];

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
  const retrieved = (): LifeFact => ({ what: 'retrieved', at: after(1500), days: 1 + chance.below(30) });
  const plain = (what: Exclude<LifeFact['what'], 'consented' | 'retrieved'>, days: number) => (): LifeFact => ({ what, at: after(days) });
  const held = some(0.15, 1, plain('held', 900)).flatMap((fact): LifeFact[] => {
    const releasedAt = new Date(fact.at.getTime() + (5 + chance.below(700)) * DAY);
    return chance.happens(0.3) ? [fact] : [fact, { what: 'released', at: releasedAt }];
  });
  const facts: LifeFact[] = [
    ...some(0.15, 2, plain('acquired', 1200)), ...some(0.5, 2, consented), ...some(0.2, 3, plain('contacted', 700)),
    ...some(0.2, 2, plain('asked', 500)), ...some(0.1, 1, plain('requested', 900)), ...some(0.2, 1, plain('withdrawn', 800)),
    ...some(0.15, 1, plain('opted_out', 900)), ...some(0.12, 1, plain('forget', 1200)), ...held,
    ...some(0.2, 2, retrieved),
  ];
  facts.sort((a, b) => a.at.getTime() - b.at.getTime());
  return { country, phone: NUMBERS[country](nth), facts: [{ what: 'acquired', at: start }, ...facts] };
}

/** How long a lead is looked at all the same, in case that law has changed. */
const NET_MS = 30 * DAY;
/** More looks than any life asks for. */
const MOST_LOOKS = 1_000;

/** How a life is lived. */
export interface Living {
  house: House;
  look: Caretaker;
  /** Whether the safety net looks at the lead as well, which must change nothing. */
  isNetted: boolean;
}

/**
 * Lives a life: each fact at its moment, each look at the moment that the one before asked for. Answers what became of the lead.
 */
export async function live(
  { house, look, isNetted }: Living, life: Pick<Life, 'country' | 'phone'>, facts: readonly LifeFact[], end: Date,
): Promise<{ leadId: string; became: Expected[] }> {
  const became: Expected[] = [];
  let leadId = '';
  let wakesAt: Date | null = null;
  for (let nth = 0, looks = 0; looks < MOST_LOOKS; looks += 1) {
    const fact = facts[nth];
    const at: Date | null = earlier(fact?.at ?? null, wakesAt);
    if (!at || at > end) return { leadId, became };
    if (at === fact?.at) {
      leadId = await happen(house, leadId, life, fact);
      nth += 1;
    }
    const looked: Look = await look(leadId, at);
    became.push(...looked.became);
    if (looked.wakesAt === null) return { leadId, became };
    wakesAt = isNetted ? earlier(looked.wakesAt, new Date(at.getTime() + NET_MS)) : looked.wakesAt;
  }
  throw new Error('a lead is looked at without end');
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
      const email = WITH_EMAIL.includes(country) ? { email: `${phone.slice(1)}@example.com` } : {};
      const planned = await house.acquire({ phone, country, acquiredAt: at, receivedAt: at, subject: { name: 'Ada Lovelace', ...email } });
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
    case 'requested':
    case 'forget': {
      const { token } = await tokenOf(house, leadId);
      const kind = fact.what === 'forget' ? 'erasure' : 'access';
      await db.transaction().execute(async (tx) => {
        const { id } = await insertSubjectRequest(tx, { lead_id: leadId, token, kind, via: 'letter', requested_at: at, received_at: at });
        if (kind === 'erasure') await orderErasure(tx, leadId, id, at);
      });
      return leadId;
    }
    case 'opted_out': {
      const { token } = await tokenOf(house, leadId);
      const optOut = { id: newId(), token, kind: 'opt_out', channel: 'all', reported_at: at, received_at: at } as const;
      await db.insertInto('suppression').values(optOut).execute();
      return leadId;
    }
    case 'retrieved':
      await db.transaction().execute(async (tx) => {
        const { id } = await insertRetrieval(tx, { lead_id: leadId, reason: 'x', days: fact.days, asked_by: 'key:x', asked_at: at });
        await approveRetrieval(tx, id, { by: 'key:y', at, until: new Date(at.getTime() + fact.days * DAY) });
      });
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
