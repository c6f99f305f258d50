import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { refusalOf } from '../../api/failures.ts';
import { findLaw } from '../../db/clearances.ts';
import { connect } from '../../db/connection.ts';
import { lockToken } from '../../db/leads.ts';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import { addSettings } from '../../db/settings.ts';
import { decide } from '../../domain/decide.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import type { Asked } from '../../gate/asked.ts';
import { Gate } from '../../gate/gate.ts';
import { lawOf } from '../../gate/law.ts';
import { requireClearance } from '../../gate/recorded-clearance.ts';
import { createGate } from '../setup/gate.ts';
import { createHouse, type House } from '../setup/house.ts';
import { openForBusiness } from './open-for-business.ts';

/** 13:00 in New York, on a Tuesday. */
const NOON = new Date('2026-11-24T18:00:00Z');

let house: House;
let now = NOON;
let gate: Gate;
let pool: PipelinePool;
let otherPool: PipelinePool;
let other: Gate;

function gateOver(over: PipelinePool): Gate {
  return new Gate({ pool: over, db: house.db, vault: house.vault, now: () => now });
}

beforeAll(async () => {
  house = await createHouse();
  await openForBusiness(house.db, NOON);
  pool = createPipelinePool(house.url, { max: 4 });
  gate = gateOver(pool);
  otherPool = createPipelinePool(house.url, { max: 2, lockTimeout: 200 });
  other = gateOver(otherPool);
});

afterAll(async () => {
  await Promise.all([pool.end(), otherPool.end()]);
  await house.close();
});

function asking(person: Asked['person'], changes: Partial<Asked['question']> = {}): Asked {
  const question = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' } as const;
  return { person, question: { ...question, ...changes }, agent: null, askedBy: 'test' };
}

async function newLead(): Promise<{ leadId: string }> {
  const { leadId } = await house.acquire({ acquiredAt: new Date('2026-11-20T00:00:00Z') });
  return { leadId };
}

describe('the gate', () => {
  test('allows one of 200 who ask about the same person at the same instant, over two pools', async () => {
    const person = await newLead();
    const gates = [gate, other];
    const answers = await Promise.all(Array.from({ length: 200 }, (_, nth) => gates[nth % 2]!.ask(asking(person))));
    const allowed = answers.filter(({ decision }) => decision === 'allow');
    expect(allowed).toHaveLength(1);
    const rest = answers.filter(({ decision }) => decision === 'deny');
    expect(rest).toHaveLength(199);
    expect(new Set(rest.flatMap(({ reasons }) => reasons.map(({ code }) => code)))).toEqual(new Set(['open_clearance']));
  });

  test('keeps what it looked at, so that the same law gives the same answer again', async () => {
    const answer = await gate.ask(asking(await newLead()));
    const { answer: recorded, looked } = await requireClearance(house.db, answer.clearanceId);
    const law = lawOf(await findLaw(house.db, answer.policyVersion));
    const { question, facts, at } = looked;
    const { decision, reasons, notBefore, checked } = decide(question, facts, law, at);
    expect({ decision, reasons, notBefore, checked }).toEqual({
      decision: answer.decision, reasons: answer.reasons, notBefore: answer.notBefore, checked: answer.checked,
    });
    expect(recorded).toEqual(JSON.parse(answer.toText()));
    expect(JSON.parse(answer.toText())).toEqual(JSON.parse(JSON.stringify(answer)));
  });

  test('keeps the law of an answer in the very transaction of the answer', async () => {
    const { clearanceId, policyVersion } = await gateOver(pool).ask(asking(await newLead(), { seller: 'first of its kind' }));
    await house.db.deleteFrom('law').execute();
    const again = await gateOver(pool).ask(asking(await newLead()));
    const { rows } = await sql<{ together: boolean }>`
      select law.xmin = clearance.xmin as together from law, clearance
      where law.version = ${again.policyVersion} and clearance.id = ${again.clearanceId}`.execute(house.db);
    expect([again.policyVersion, rows]).toEqual([policyVersion, [{ together: true }]]);
    expect(again.clearanceId).not.toBe(clearanceId);
  });

  test('lets a reservation end by itself at the moment it says', async () => {
    const person = await newLead();
    const first = await gate.ask(asking(person));
    expect(first.decision).toBe('allow');
    now = new Date(first.validUntil!.getTime() - 1);
    expect((await gate.ask(asking(person))).reasons.map(({ code }) => code)).toEqual(['open_clearance']);
    now = first.validUntil!;
    expect((await gate.ask(asking(person))).decision).toBe('allow');
    now = NOON;
  });

  test('does not allow twice when the clock jumps back', async () => {
    const person = await newLead();
    await gate.ask(asking(person));
    now = new Date(NOON.getTime() - 3_600_000);
    expect((await gate.ask(asking(person))).decision).toBe('deny');
    now = NOON;
  });

  test('answers the others when one of them cannot be answered', async () => {
    const known = await newLead();
    const answers = await Promise.allSettled([
      gate.ask(asking({ leadId: '019a0000-0000-7000-8000-00000000dead' })),
      gate.ask(asking(known)),
      // PostgreSQL itself refuses this one, and with it the whole statement.
      gate.ask(asking(await newLead(), { seller: 'a\u0000b' })),
      gate.ask(asking({ phone: '+12025550199' })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    const [unknown, allowed, , stranger] = answers;
    expect(unknown).toMatchObject({ reason: { code: 'unknown_lead' } });
    expect(allowed).toMatchObject({ value: { decision: 'allow' } });
    expect(stranger).toMatchObject({ value: { decision: 'deny', leadId: null, reasons: [{ code: 'lead_unknown' }] } });
  });

  test('makes nobody wait for a person whose facts are being changed', async () => {
    const [busy, free] = [await house.acquire({ phone: '+12025550666', acquiredAt: new Date('2026-11-20T00:00:00Z') }), await newLead()];
    let released = false;
    const blocked = await house.db.transaction().execute(async (tx) => {
      await lockToken(tx, house.vault.phoneToken('+12025550666'));
      const waiting = other.ask(asking({ leadId: busy.leadId })).then(({ decision }) => ({ decision, released }));
      expect((await other.ask(asking(free))).decision).toBe('allow');
      released = true;
      return { waiting };
    });
    expect(await blocked.waiting).toEqual({ decision: 'allow', released: true });
  });

  test('tells numbers apart that share a token', async () => {
    const first = await newLead();
    const { leadId } = await house.acquire({ phone: '+12025550777', acquiredAt: new Date('2026-11-20T00:00:00Z') });
    const { token } = await house.db.selectFrom('lead').select('token').where('id', '=', leadId).executeTakeFirstOrThrow();
    await house.db.updateTable('lead').set({ token, collision: 1 }).where('id', '=', first.leadId).execute();
    const answer = await gate.ask(asking({ phone: '+12025550777' }));
    expect(answer).toMatchObject({ leadId, decision: 'allow' });
    expect(await gate.ask(asking(first))).toMatchObject({ leadId: first.leadId, decision: 'allow' });
  });

  test('holds everybody when the settings require a list that nobody has registered', async () => {
    const person = await newLead();
    const lists = { ...DEFAULT_SETTINGS.lists, required: ['our-own-typo', 'au-dncr'] };
    await house.db.transaction().execute((tx) => addSettings(tx, { version: 1, settings: { ...DEFAULT_SETTINGS, lists } }, 'test', NOON));
    const { decision, reasons } = await gate.ask(asking(person));
    await house.db.deleteFrom('settings').execute();
    // The Australian register says nothing of a number in New York.
    expect([decision, reasons.map(({ code, facts }) => [code, ...facts])]).toEqual(['hold', [['list_missing', 'list:our-own-typo']]]);
  });

  test('keeps nothing of a preview, and reserves nobody', async () => {
    const person = await newLead();
    const question = { channel: 'call', purpose: 'marketing' } as const;
    const preview = await gate.preview({ person, question, at: null });
    expect(preview).toMatchObject({ clearanceId: null, decision: 'allow' });
    expect((await gate.ask(asking(person))).decision).toBe('allow');
  });

  test('says so while the store is away, and goes on when it is back, with nothing reserved in between', async () => {
    const person = await newLead();
    const address = new URL(house.url);
    const door = await createGate(address.host);
    address.host = door.address;
    const options = { max: 2, onIdleError: () => undefined };
    const [db, hot] = [connect(address.href, options), createPipelinePool(address.href, options)];
    const cutOff = new Gate({ pool: hot, db, vault: house.vault, now: () => now });
    door.shut();
    const refused = await Promise.allSettled([cutOff.ask(asking(person)), cutOff.ask(asking(person))]);
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const result of refused) if (result.status === 'rejected') expect(refusalOf(result.reason).code).toBe('dependency_unavailable');
    door.open();
    expect((await cutOff.ask(asking(person))).decision).toBe('allow');
    await Promise.all([db.destroy(), hot.end()]);
    await door.close();
  });
});
