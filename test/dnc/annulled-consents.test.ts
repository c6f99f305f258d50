import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consentLedgers, consentHistory } from '../../db/consents.ts';
import { lockLead, type LockedLead } from '../../db/locked-lead.ts';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import { consentState } from '../../domain/consent-ledger.ts';
import { Gate } from '../../gate/gate.ts';
import { recordConsent } from '../../intake/consents.ts';
import { acquisition } from '../setup/house.ts';
import { createRegistry, type Registry } from './registry.ts';

let registry: Registry;
let pool: PipelinePool;
let gate: Gate;
beforeAll(async () => {
  registry = await createRegistry();
  pool = createPipelinePool(registry.url, { max: 2 });
  gate = new Gate({ pool, db: registry.db, vault: registry.vault, now: () => new Date() });
  await registry.addList('it-rpo', { jurisdiction: 'IT', effect: 'annul_consent' });
});
afterAll(async () => {
  await pool.end();
  await registry.close();
});

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
const phoneOf = (nth: number) => `+3906123460${nth}`;
const others = Array.from({ length: 200 }, (_, nth) => 390612347000 + nth);
const agreed = (at: Date) => ({ channel: 'call', purpose: 'marketing', grade: 'express', obtainedAt: at, expiresAt: null } as const);

async function acquire(nth: number, ...consents: ReturnType<typeof agreed>[]): Promise<string> {
  const brought = acquisition({ phone: phoneOf(nth), country: 'IT', acquiredAt: daysAgo(30), consents });
  return (await registry.acquire(brought)).leadId;
}

async function tell(leadId: string, at: Date): Promise<void> {
  await registry.db.transaction().execute(async (tx) => {
    await recordConsent(tx, registry.vault, (await lockLead(tx, leadId)) as LockedLead, agreed(at), new Date());
  });
}

async function standing(nth: number, leadId: string) {
  const asked = { person: { phone: phoneOf(nth) }, question: { channel: 'call', purpose: 'marketing' } } as const;
  const [now, then] = await Promise.all([new Date(), daysAgo(7)].map((at) => gate.preview({ ...asked, at })));
  const coded = (reasons: readonly { code: string }[] = []) => reasons.map(({ code }) => code)
    .filter((code) => code === 'consent_revoked' || code === 'dnc_listed');
  const ledger = (await consentLedgers(registry.db, [leadId])).get(leadId) ?? [];
  return { now: coded(now?.reasons), then: coded(then?.reasons), state: consentState(ledger, new Date()) };
}

describe('a consent from before an entry in a register that annuls', () => {
  const LOST = { now: ['consent_revoked'], then: ['consent_revoked', 'dnc_listed'], state: 'revoked' };

  it('stays lost when the number is taken off again, whenever and however it is heard of', async () => {
    const leads = [await acquire(1, agreed(daysAgo(30))), await acquire(2), await acquire(3), await acquire(4), await acquire(5)];
    const [, two = '', , four = ''] = leads;
    await registry.release('it-rpo', [...leads.map((_, nth) => Number(phoneOf(nth + 1).slice(1))), ...others], { asOf: daysAgo(9) });
    await tell(two, daysAgo(30));
    await acquire(3, agreed(daysAgo(30)));
    await registry.release('it-rpo', others, { asOf: daysAgo(4) });
    await tell(four, daysAgo(30));
    await acquire(5, agreed(daysAgo(30)));
    const found = await Promise.all([...leads.entries()].map(([nth, leadId]) => standing(nth + 1, leadId)));
    expect(found).toEqual(leads.map(() => LOST));
  });

  it('is annulled as the number is taken off, where nobody had put that down', async () => {
    const leadId = await acquire(6, agreed(daysAgo(30)));
    await registry.release('it-rpo', [Number(phoneOf(6).slice(1)), ...others], { asOf: daysAgo(3) });
    // As it is for a consent that was written while the entry was, each without seeing the other.
    await registry.db.deleteFrom('consent_event').where('lead_id', '=', leadId).where('kind', '=', 'annulled').execute();
    await registry.release('it-rpo', others, { asOf: daysAgo(2) });
    expect((await standing(6, leadId)).now).toEqual(['consent_revoked']);
  });

  it('is put down as annulled once for each entry, and a later one takes effect', async () => {
    const leadId = await acquire(7, agreed(daysAgo(30)));
    await registry.release('it-rpo', [Number(phoneOf(7).slice(1)), ...others], { asOf: daysAgo(1.5) });
    await acquire(7, agreed(daysAgo(20)), agreed(daysAgo(1)));
    const events = await consentHistory(registry.db, leadId, null, 10);
    expect(events.map(({ kind, effect }) => `${kind} ${effect}`))
      .toEqual(['granted in_force', 'granted in_force', 'annulled in_force', 'granted in_force']);
    expect((await standing(7, leadId)).now).toEqual([]);
  });
});
