import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import type { DialerMode } from '../../domain/clearance.ts';
import type { Channel, Purpose } from '../../domain/consent.ts';
import type { Asked } from '../../gate/asked.ts';
import { proveNumber } from '../../dnc/number-proofs.ts';
import { proofOf } from '../../gate/clearance-proofs.ts';
import { Gate } from '../../gate/gate.ts';
import { replay } from '../../gate/replay.ts';
import { proofText } from '../../proof/clearance-proof.ts';
import { MOST_BYTES } from '../../proof/sections.ts';
import { verifyProof } from '../../proof/verify.ts';
import { keysFrom } from '../proof/proof-samples.ts';
import { createHouse, type House } from '../setup/house.ts';
import { Chance } from '../simulation/chance.ts';
import { QUESTION } from './facts.ts';
import { openForBusiness } from './open-for-business.ts';

const CLEARANCES = 400;
const NOW = new Date();

let house: House;
let pool: PipelinePool;
const ids: string[] = [];

beforeAll(async () => {
  house = await createHouse();
  pool = createPipelinePool(house.url);
  await openForBusiness(house.db, NOW);
  const chance = new Chance(7);
  let now = NOW;
  const gate = new Gate({ pool, db: house.db, vault: house.vault, now: () => now });
  const leads = await Promise.all(Array.from({ length: 20 }, () => house.acquire()));
  for (let nth = 0; nth < CLEARANCES; nth += 1) {
    now = new Date(NOW.getTime() + nth * 3 * 3_600_000);
    ids.push((await gate.ask(asked(chance, chance.oneOf(leads).leadId))).clearanceId);
  }
});
afterAll(async () => {
  await pool.end();
  await house.close();
});

describe('clearances on record', () => {
  test('are judged again as they were, by what is on record alone', async () => {
    const decisions = new Set<string>();
    for (const clearanceId of ids) {
      const { then, equal, differences } = await replay(house.db, { clearanceId, policy: 'then', at: null }, NOW);
      expect({ equal, differences }).toEqual({ equal: true, differences: [] });
      decisions.add(then.answer.decision);
    }
    expect(decisions.size).toBeGreaterThan(1);
  });

  test('each have a proof that is small and valid', async () => {
    const keys = keysFrom(3);
    const issued = { issuedAt: NOW, keysUrl: '/.well-known/leadwarden-keys.json', listPathsUrl: '/v1/dnc/proof' };
    const proving = { db: house.db, vault: house.vault, keys, issued, pathOf: proveNumber };
    for (const id of ids.slice(0, 100)) {
      const proof = await proofOf(proving, id, { withPaths: false });
      expect(proof.omitted).toEqual({});
      const text = proofText(proof);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_BYTES);
      expect(verifyProof(JSON.parse(text), { trusted: keys.published.map(({ x }) => x) }).valid).toBe(true);
    }
  });
});

describe('a replay under the law of today', () => {
  test('applies a rule that began after the answer, to the facts and the hour of then', async () => {
    // A Sunday; Pennsylvania has closed them since the 18th.
    const sunday = new Date('2026-10-11T18:00:00Z');
    await openForBusiness(house.db, sunday);
    const gate = new Gate({ pool, db: house.db, vault: house.vault, now: () => sunday });
    const { leadId } = await house.acquire({ phone: '+12155550123', acquiredAt: new Date('2026-10-01T00:00:00Z') });
    const question = { ...QUESTION, campaign: null };
    const { clearanceId, decision } = await gate.ask({ ...asked(new Chance(1), leadId), question });
    const today = await replay(house.db, { clearanceId, policy: 'today', at: null }, new Date('2026-11-24T12:00:00Z'));
    expect([decision, today.now.answer.decision, today.now.at]).toEqual(['allow', 'deny', sunday]);
    expect(today.differences.map(({ path }) => path)).toContain('reasons/call_window/US-PA');
    expect(today.now.policyVersion).not.toBe(today.then.policyVersion);
    const earlier = await replay(house.db, { clearanceId, policy: 'today', at: null }, sunday);
    expect(earlier.equal).toBe(true);
  });
});

function asked(chance: Chance, leadId: string): Asked {
  return {
    person: { leadId },
    question: {
      channel: chance.oneOf<Channel>(['call', 'call', 'sms', 'email']),
      purpose: chance.oneOf<Purpose>(['marketing', 'survey', 'service']),
      campaign: 'spring', seller: chance.oneOf(['acme', 'other']), dialerMode: chance.oneOf<DialerMode>(['manual', 'predictive', 'ai_voice']),
      callerId: '+12025550100',
    },
    agent: null,
    askedBy: 'test',
  };
}
