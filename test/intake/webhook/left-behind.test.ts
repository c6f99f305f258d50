import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createReconciliationActivities } from '../../../activities/reconciliation.ts';
import { newId } from '../../../db/ids.ts';
import { statementsNotLookedAt } from '../../../db/webhook-events.ts';
import type { WebhookEvent } from '../../../domain/webhook.ts';
import { acquireLead } from '../../../intake/acquire.ts';
import type { TakenEvent } from '../../../intake/webhook/taken-event.ts';
import { takeEvents } from '../../../intake/webhook/taking.ts';
import { acquisition, createHouse, SOURCE, type House } from '../../setup/house.ts';

let house: House;
let ahead = 0;
const now = () => new Date(Date.now() + ahead);
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

const reconcile = () => createReconciliationActivities({ db: house.db, vault: house.vault, archive: house.archive, now }).reconcile();

function said(by: Partial<WebhookEvent>): TakenEvent {
  const event: WebhookEvent = {
    id: 'msg', key: 'msg', act: 'opt_out', byMessage: false, channels: ['email'], purpose: 'marketing', at: now(), phone: null, email: null,
    reference: null, merged: [], expiresAt: null, grade: null, textVersion: null, method: null, statement: null, ...by,
  };
  const sender = { webhookSourceId: 'crm', sourceId: SOURCE.id, confirmation: 'none' as const, consentTexts: [] };
  return { id: newId(), key: randomUUID(), event, sender, receivedAt: now() };
}

/** Takes an event and acquires its person in two transactions, neither of which sees the other. */
async function atOnce(taken: TakenEvent, brought: Parameters<typeof acquisition>[0]) {
  const acquired = acquisition(brought);
  const { leadId } = await house.db.transaction().execute(async (tx) => {
    const planned = await acquireLead(tx, house.vault, acquired);
    await take(taken);
    return planned;
  });
  return { leadId, phone: acquired.phone };
}

async function take(taken: TakenEvent) {
  return house.db.transaction().execute(async (tx) => {
    const { result, sent } = await takeEvents(tx, house.vault, [taken]);
    await sent;
    return result;
  });
}

const ledger = (leadId: string) => house.db.selectFrom('consent_event').select(['id', 'kind', 'channel']).where('lead_id', '=', leadId).execute();
const record = ({ id }: TakenEvent) => house.db.selectFrom('webhook_event').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('an event that comes in the moment in which its person is acquired', () => {
  it.each([
    ['address', (name: string) => ({ email: `${name}@example.com` }), (name: string) => ({ subject: { email: `${name}@example.com` } })],
    ['the sender’s own name', (name: string) => ({ reference: name }), (name: string) => ({ reference: name })],
  ])('and names them by %s, is done when the reconciliation finds it, once', async (_title, by, brought) => {
    const name = randomUUID();
    const taken = said(by(name));
    const { leadId } = await atOnce(taken, brought(name));
    expect([await ledger(leadId), (await record(taken)).result]).toEqual([[], 'acquisition_unknown']);
    expect((await reconcile()).settledStatements).toBe(0);
    ahead += 600_000;
    expect((await reconcile()).settledStatements).toBe(1);
    const events = await ledger(leadId);
    expect(events).toMatchObject([{ kind: 'revoked', channel: 'email' }]);
    expect(await record(taken)).toMatchObject({ result: 'applied', lead_id: leadId, fact_ids: [events[0]?.id] });
    expect((await reconcile()).settledStatements).toBe(0);
    expect(await ledger(leadId)).toEqual(events);
  });

  it('waits for whoever brings the person at the moment of the reconciliation, who does it then', async () => {
    const email = `${randomUUID()}@example.com`;
    const taken = said({ email });
    await take(taken);
    ahead += 600_000;
    const { leadId } = await house.db.transaction().execute(async (tx) => {
      const planned = await acquireLead(tx, house.vault, acquisition({ subject: { email } }));
      expect((await reconcile()).settledStatements).toBe(0);
      return planned;
    });
    expect(await ledger(leadId)).toMatchObject([{ kind: 'revoked' }]);
    expect(await record(taken)).toMatchObject({ result: 'applied', lead_id: leadId });
  });
});

describe('an event of somebody who stays unknown', () => {
  it('is looked at once, a bounded number at a time, and done when they are acquired', async () => {
    const emails = Array.from({ length: 600 }, () => `${randomUUID()}@example.com`);
    await house.db.transaction().execute(async (tx) => {
      await (await takeEvents(tx, house.vault, emails.map((email) => said({ email })))).sent;
    });
    ahead += 600_000;
    expect(await statementsNotLookedAt(house.db, now(), 10_000)).toHaveLength(600);
    expect((await reconcile()).settledStatements).toBe(0);
    expect(await statementsNotLookedAt(house.db, now(), 10_000)).toEqual([]);
    const { leadId } = await house.acquire({ subject: { email: emails[77]! } });
    expect(await ledger(leadId)).toMatchObject([{ kind: 'revoked' }]);
  });
});
