import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { findLeadsByToken, insertLeads } from '../../db/leads.ts';
import { Vault, open } from '../../db/vault.ts';
import type { Acquisition } from '../../intake/acquisition.ts';
import { acquireLead } from '../../intake/acquire.ts';
import { acquisition, createHouse, type House } from '../setup/house.ts';

let house: House;
beforeAll(async () => void (house = await createHouse()));
afterAll(() => house.close());

const count = async (table: 'lead' | 'acquisition' | 'outbox', leadId: string) => {
  const column = { lead: 'id', acquisition: 'lead_id', outbox: 'subject' } as const;
  const rows = await house.db.selectFrom(table).select(column[table] as never).where(column[table] as never, '=', leadId as never).execute();
  return rows.length;
};

describe('an acquisition', () => {
  it('of an unknown number makes a lead, its key, its facts and one message, all at once', async () => {
    const { leadId, created, stage } = await house.acquire({ subject: { name: 'Ada' } });
    expect({ created, stage }).toEqual({ created: true, stage: 'acquired' });
    expect([await count('lead', leadId), await count('acquisition', leadId), await count('outbox', leadId)]).toEqual([1, 1, 1]);
  });

  it('of a known number is a further acquisition of the same lead', async () => {
    const first = acquisition();
    const a = await house.acquire(first);
    const b = await house.acquire({ ...first, campaign: 'autumn' });
    expect(b.leadId).toBe(a.leadId);
    expect(b.created).toBe(false);
    expect(b.acquisitionId).not.toBe(a.acquisitionId);
    expect(await count('outbox', a.leadId)).toBe(2);
  });

  it('of a known number adds what it tells of the person, and takes nothing away', async () => {
    const first = { ...acquisition(), phone: '+18605550177', country: 'US' };
    const { leadId } = await house.acquire({ ...first, attributes: { company: 'Example Ltd' }, lineType: 'fixed' });
    await house.acquire({ ...first, attributes: {}, subject: { address: { country: 'US', region: 'KY' } }, lineType: 'mobile' });
    await house.acquire({ ...first, attributes: {}, subject: {} });
    const lead = await house.db.selectFrom('lead').select(['jurisdictions', 'zones', 'line_type', 'is_company'])
      .where('id', '=', leadId).executeTakeFirstOrThrow();
    expect(lead).toEqual({
      jurisdictions: ['US', 'US-CT', 'US-KY'], zones: ['America/New_York', 'America/Chicago'], line_type: 'mobile', is_company: true,
    });
  });

  it('brought by fifty requests at once is one lead with fifty acquisitions', async () => {
    const same = acquisition();
    const planned = await Promise.all(Array.from({ length: 50 }, () => house.acquire(same)));
    expect(new Set(planned.map(({ leadId }) => leadId)).size).toBe(1);
    expect(new Set(planned.map(({ acquisitionId }) => acquisitionId)).size).toBe(50);
    expect(planned.filter(({ created }) => created)).toHaveLength(1);
    expect(await count('acquisition', planned[0]?.leadId ?? '')).toBe(50);
  });

  it('that fails leaves nothing behind', async () => {
    const brought = acquisition();
    const failing = house.db.transaction().execute(async (tx) => {
      await acquireLead(tx, house.vault, brought);
      throw new Error('the answer could not be written');
    });
    await expect(failing).rejects.toThrow('the answer');
    expect((await house.acquire(brought)).created).toBe(true);
  });

  it('adds the jurisdictions of a declared address and takes none away', async () => {
    const brought = acquisition({ subject: { address: { region: 'DC' } } });
    const { leadId } = await house.acquire(brought);
    await house.acquire({ ...brought, subject: { address: { region: 'FL', country: 'US' } } });
    const { jurisdictions } = await house.db.selectFrom('lead').select('jurisdictions').where('id', '=', leadId).executeTakeFirstOrThrow();
    expect([...jurisdictions].sort()).toEqual(['US', 'US-DC', 'US-FL']);
  });

  it('waits for the row that an import has written and not yet committed, and then joins its lead', async () => {
    const brought = acquisition();
    const token = house.vault.phoneToken(brought.phone);
    let leadId = '';
    let late: Promise<{ leadId: string; created: boolean }> | undefined;
    await house.db.transaction().execute(async (tx) => {
      const { AcquisitionPlan } = await import('../../intake/acquisition-plan.ts');
      const { insertAcquisitionRows } = await import('../../db/leads.ts');
      const { sealTexts } = await import('../../intake/sealing.ts');
      const plan = new AcquisitionPlan([], new Map(), { lane: 1, importId: newId() });
      leadId = plan.add(brought, token).leadId;
      await insertLeads(tx, plan.facts.leads);
      await insertAcquisitionRows(tx, { ...plan.facts, ...sealTexts(house.vault, plan.takeTexts()) });
      late = house.acquire(brought);
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    expect(await late).toMatchObject({ leadId, created: false });
  });
});

describe('two numbers with the same token', () => {
  // A vault whose tokens all collide shows what 64 bits make unlikely.
  class CollidingVault extends Vault {
    override phoneToken(): bigint {
      return 42n;
    }
  }

  it('are two leads, and each finds its own again', async () => {
    const { readKeyFiles } = await import('../../keys/key-files.ts');
    const vault = new CollidingVault(await readKeyFiles(house.keyFolder));
    const bring = (one: Acquisition) => house.db.transaction().execute((tx) => acquireLead(tx, vault, one));
    const [a, b] = [acquisition(), acquisition()];
    const [first, second] = await Promise.all([bring(a), bring(b)]);
    expect(first.leadId).not.toBe(second.leadId);
    expect((await bring(a)).leadId).toBe(first.leadId);
    expect((await bring(b)).leadId).toBe(second.leadId);
    const known = await findLeadsByToken(house.db, vault, [42n]);
    expect(known.map(({ collision }) => collision).sort()).toEqual([0, 1]);
  });
});

describe('what is stored of a person', () => {
  it('is sealed by tier, and nowhere else', async () => {
    const { leadId } = await house.acquire({
      subject: { name: 'Quirina Canary', email: 'quirina@canary.example', address: { street: '1 Canary Wharf', city: 'London' } },
      attributes: { company: 'Canary Ltd' },
      reference: 'canary-4711',
      consents: [{ channel: 'sms', purpose: 'marketing', obtainedAt: new Date(), expiresAt: null, evidence: { url: 'https://canary.example/form' } }],
    });
    const tables = ['lead', 'acquisition', 'consent_event', 'personal_data', 'outbox', 'keyring.subject_key'] as const;
    for (const table of tables) {
      const rows = await house.db.selectFrom(table).selectAll().execute();
      const text = rows.map((row) => Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value))).join(' ')).join('\n');
      expect(text.toLowerCase()).not.toContain('canary');
    }
    const tiers = await house.db.selectFrom('personal_data').select(['tier', 'fact_id', 'sealed']).where('lead_id', '=', leadId).orderBy('tier').execute();
    expect(tiers.map(({ tier }) => tier)).toEqual([1, 2, 2]);
    const [known] = await findLeadsByToken(house.db, house.vault, await tokenOf(leadId));
    const exact = tiers[0];
    if (!known || !exact) throw new Error('the lead is there');
    expect(JSON.parse(open(known.key, { leadId, factId: leadId, tier: 1 }, exact.sealed))).toEqual({ street: '1 Canary Wharf' });
  });
});

describe('a consent that comes along', () => {
  const consent = { channel: 'call', purpose: 'marketing', obtainedAt: new Date('2026-01-01T00:00:00Z'), expiresAt: null } as const;

  it('takes effect, with the grade that its evidence supports', async () => {
    const { leadId } = await house.acquire({ consents: [{ ...consent, evidence: { textVersion: '1', method: 'web_form' } }] });
    const event = await house.db.selectFrom('consent_event').selectAll().where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    expect(event).toMatchObject({ kind: 'granted', effect: 'in_force', grade: 'express_written', text_version: '1' });
  });

  it('waits, even when it is later, once the person has withdrawn', async () => {
    const brought = acquisition({ consents: [consent] });
    const { leadId } = await house.acquire(brought);
    const event = await house.db.selectFrom('consent_event').selectAll().where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    await house.db.insertInto('consent_event').values({ ...event, id: newId(), kind: 'revoked', happened_at: new Date('2026-02-01T00:00:00Z') }).execute();
    await house.acquire({ ...brought, consents: [{ ...consent, obtainedAt: new Date('2026-03-01T00:00:00Z') }] });
    const last = await house.db.selectFrom('consent_event').select('effect').where('lead_id', '=', leadId).orderBy('happened_at', 'desc').executeTakeFirstOrThrow();
    expect(last.effect).toBe('waiting');
  });
});

async function tokenOf(leadId: string): Promise<bigint[]> {
  const rows = await house.db.selectFrom('lead').select('token').where('id', '=', leadId).execute();
  return rows.map(({ token }) => token!);
}
