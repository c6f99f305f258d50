import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { insertContact } from '../../db/contacts.ts';
import { deliverSubject, tellLeads } from '../../db/outbox.ts';
import { newId } from '../../db/ids.ts';
import type { Outcome } from '../../domain/contact.ts';
import type { LeadSignal } from '../../domain/lead.ts';
import { reviewLead } from '../../gate/lead-review.ts';
import { createSender } from '../../workflows/delivery.ts';
import { leadWorkflowId, searchAttributes } from '../../workflows/messages.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

let house: House;
let running: RunningWorker;

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
});

afterAll(async () => {
  await running.stop();
  await house.close();
});

const deliver = (leadId: string) =>
  deliverSubject(house.db, leadId, new Date(), createSender(running.client.workflow, running.taskQueue));
/** As the processes of the product deliver: whoever brings word has looked at the lead. */
const deliverReviewed = (leadId: string) => {
  const review = (id: string) => reviewLead(house.db, id, () => new Date());
  return deliverSubject(house.db, leadId, new Date(), createSender(running.client.workflow, running.taskQueue, review));
};
const handleOf = (leadId: string) => running.client.workflow.getHandle(leadWorkflowId(leadId));
const stageOf = async (leadId: string) => (await house.db.selectFrom('lead').select('stage').where('id', '=', leadId).executeTakeFirstOrThrow()).stage;
const shown = async (leadId: string) => (await handleOf(leadId).describe()).typedSearchAttributes;

async function announce(leadId: string, signal: LeadSignal): Promise<void> {
  await house.db.insertInto('outbox').values({ subject: leadId, workflow: 'lead', signal, fact_id: newId(), lane: 0, due_at: new Date() }).execute();
  await deliver(leadId);
}

/** An outcome as it is recorded: the contact and word of it, in one transaction. */
async function happened(leadId: string, outcome: Outcome): Promise<void> {
  const at = new Date();
  const contact = {
    leadId, clearanceId: null, channel: 'call', purpose: 'marketing', campaign: null, seller: null, outcome, startedAt: at, endedAt: at,
    durationSeconds: null, callerId: null, agent: null, reference: null,
  } as const;
  await house.db.transaction().execute(async (tx) => {
    const factId = await insertContact(tx, contact, at);
    await tellLeads(tx, [leadId], { signal: 'outcomeRecorded', factId: factId ?? '' }, at);
  });
}

async function newLead(): Promise<string> {
  const { leadId } = await house.acquire();
  await deliver(leadId);
  await eventually(async () => (await stageOf(leadId)) === 'active');
  return leadId;
}

describe('the life of one lead', () => {
  it('begins with an acquisition, is reviewed and becomes active', async () => {
    const leadId = await newLead();
    expect(await stageOf(leadId)).toBe('active');
    const attributes = await eventually(async () => {
      const found = await shown(leadId);
      return found.get(searchAttributes.stage) === 'active' && found;
    });
    expect(attributes?.get(searchAttributes.source)).toBe('spring-fair');
    expect(attributes?.get(searchAttributes.jurisdiction)).toMatch(/^US/);
    expect(attributes?.get(searchAttributes.nextReviewAt)?.getTime()).toBeGreaterThan(Date.now());
    expect(attributes?.get(searchAttributes.consentUntil)).toBeUndefined();
  });

  it('begins also where a consent lasts for ever, as CRMs write it', async () => {
    const { leadId } = await house.acquire({ consents: [{ channel: 'call', purpose: 'marketing', obtainedAt: new Date(), expiresAt: new Date('9999-12-31T23:59:59Z') }] });
    // What is brought along is shown from the first moment on: Temporal would not start what it cannot show.
    await deliverReviewed(leadId);
    expect((await shown(leadId)).get(searchAttributes.consentUntil)).toEqual(new Date('2262-01-01T00:00:00Z'));
  });

  it('says in plain words what it is, why, and what happens next and when', async () => {
    const leadId = await newLead();
    const metadata = await eventually(async () => {
      const found = await handleOf(leadId).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      return found.currentDetails ? found : undefined;
    });
    expect(metadata?.currentDetails).toMatch(/^### active\n/);
    expect(metadata?.currentDetails).toMatch(/Acquired on \d{4}-\d\d-\d\d from spring-fair/);
    expect(metadata?.currentDetails).toMatch(/\*\*\d{4}-\d\d-\d\d \d\d:\d\d UTC\*\* the lead is reviewed again/);
  });

  it('looks again when something happens, and changes its search attributes only then', async () => {
    const leadId = await newLead();
    const { token } = await house.db.selectFrom('lead').select('token').where('id', '=', leadId).executeTakeFirstOrThrow();
    const at = new Date();
    await house.db.insertInto('suppression').values({ id: newId(), token: token!, kind: 'opt_out', channel: 'all', reported_at: at, received_at: at }).execute();
    await announce(leadId, 'lifecycleChanged');
    expect(await eventually(async () => (await shown(leadId)).get(searchAttributes.stage) === 'suppressed')).toBe(true);
    await announce(leadId, 'outcomeRecorded');
    await eventually(async () => (await eventsOf(leadId)).filter((type) => type === 'MARKER_RECORDED').length >= 3);
    expect((await eventsOf(leadId)).filter((type) => type === 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES')).toHaveLength(2);
  });

  it('keeps one timer, however often it is woken', async () => {
    const leadId = await newLead();
    for (let n = 0; n < 3; n += 1) await announce(leadId, 'outcomeRecorded');
    await eventually(async () => (await eventsOf(leadId)).filter((type) => type === 'WORKFLOW_EXECUTION_SIGNALED').length === 3);
    const events = await eventsOf(leadId);
    expect(events.filter((type) => type === 'TIMER_STARTED').length - events.filter((type) => type === 'TIMER_CANCELED').length).toBe(1);
  });

  it('hears of an outcome once, and shows the quiet time after it', async () => {
    const leadId = await newLead();
    await happened(leadId, 'answered');
    await deliver(leadId);
    await deliver(leadId);
    const card = await eventually(async () => {
      const { currentDetails } = await handleOf(leadId).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      return currentDetails?.includes('quiet time after an earlier contact') && currentDetails;
    });
    expect(card).toMatch(/\*\*\d{4}-\d\d-\d\d \d\d:\d\d UTC\*\* the quiet time after the last contact ends/);
    const types = await eventsOf(leadId);
    expect(types.filter((type) => type === 'WORKFLOW_EXECUTION_SIGNALED')).toHaveLength(1);
    // What passes by itself is for the card. The filter names what somebody has to see to: a list that nobody loaded.
    expect(types.filter((type) => type === 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES')).toHaveLength(1);
    expect((await shown(leadId)).get(searchAttributes.blocker)).toBe('list_missing');
  });

  it('starts with what was found out about it, and neither looks nor shows it once more', async () => {
    const { leadId } = await house.acquire();
    await deliverReviewed(leadId);
    const attributes = await shown(leadId);
    expect(attributes.get(searchAttributes.stage)).toBe('active');
    expect(attributes.get(searchAttributes.source)).toBe('spring-fair');
    expect(attributes.get(searchAttributes.nextReviewAt)?.getTime()).toBeGreaterThan(Date.now());
    await eventually(async () => (await eventsOf(leadId)).includes('TIMER_STARTED'));
    const types = await eventsOf(leadId);
    expect(types.filter((type) => type === 'MARKER_RECORDED' || type === 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES')).toEqual([]);
    const { currentDetails } = await handleOf(leadId).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toMatch(/^### active\n[^]*Acquired on /);
  });

  it('hears of an outcome together with what it means', async () => {
    const { leadId } = await house.acquire();
    await deliverReviewed(leadId);
    await happened(leadId, 'answered');
    await deliverReviewed(leadId);
    const card = await eventually(async () => {
      const { currentDetails } = await handleOf(leadId).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      return currentDetails?.includes('the quiet time after the last contact ends') && currentDetails;
    });
    expect(card).toMatch(/Last contacted on /);
    expect(await eventsOf(leadId)).not.toContain('MARKER_RECORDED');
  });

  it('looks itself when somebody wakes it by hand', async () => {
    const { leadId } = await house.acquire();
    await deliverReviewed(leadId);
    for (const args of [[], ['a', 'b', 'not a review'], ['a', null, { madeAt: 'never' }]]) await handleOf(leadId).signal('lookAgain', ...args);
    expect(await eventually(async () => (await eventsOf(leadId)).includes('MARKER_RECORDED'))).toBe(true);
    expect((await handleOf(leadId).describe()).status.name).toBe('RUNNING');
  });

  it('hears nothing of clearances', async () => {
    const leadId = await newLead();
    await house.db.insertInto('reservation').values({ lead_id: leadId, clearance_id: newId(), until: new Date(Date.now() + 600_000) }).execute();
    expect(await deliver(leadId)).toBe(0);
    expect((await eventsOf(leadId)).filter((type) => type === 'WORKFLOW_EXECUTION_SIGNALED')).toHaveLength(0);
  });

  it('is found as held while an order not to dispose of it stands, which costs an upsert when it comes and when it goes', async () => {
    const leadId = await newLead();
    const upserts = async () => (await eventsOf(leadId)).filter((type) => type === 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES').length;
    const before = (await eventually(upserts)) ?? 0;
    const id = newId();
    const hold = { id, kind: 'lead' as const, lead_id: leadId, reason: 'litigation', placed_by: 'key:one', placed_at: new Date(), search: null };
    await house.db.insertInto('legal_hold').values(hold).execute();
    await announce(leadId, 'lifecycleChanged');
    expect(await eventually(async () => (await shown(leadId)).get(searchAttributes.held) === true)).toBe(true);
    await announce(leadId, 'lifecycleChanged');
    await eventually(async () => (await eventsOf(leadId)).filter((type) => type === 'MARKER_RECORDED').length >= 3);
    expect(await upserts()).toBe(before + 1);
    await house.db.updateTable('legal_hold').set({ released_at: new Date(), released_by: 'key:two' }).where('id', '=', id).execute();
    await announce(leadId, 'lifecycleChanged');
    expect(await eventually(async () => (await shown(leadId)).get(searchAttributes.held) === undefined)).toBe(true);
  });

  it('ends when the lead is disposed of', async () => {
    const leadId = await newLead();
    await house.db.updateTable('lead').set({ disposed_at: new Date() }).where('id', '=', leadId).execute();
    await announce(leadId, 'lifecycleChanged');
    await handleOf(leadId).result();
    expect(await stageOf(leadId)).toBe('disposed');
  });

  it('starts again for a fact that comes after its workflow was ended by hand', async () => {
    const leadId = await newLead();
    await handleOf(leadId).terminate();
    await announce(leadId, 'reviewOverdue');
    expect((await handleOf(leadId).describe()).status.name).toBe('RUNNING');
  });

  it('holds nothing personal in its history', async () => {
    const { leadId } = await house.acquire({
      phone: '+12025559876',
      subject: { name: 'Quirina Canary', email: 'quirina.canary@example.com' },
      reference: 'canary-reference',
      consents: [{ channel: 'call', purpose: 'marketing', obtainedAt: new Date(), expiresAt: null, evidence: { url: 'https://canary.example.com' } }],
    });
    await deliver(leadId);
    await eventually(async () => (await stageOf(leadId)) === 'active');
    const history = JSON.stringify(await handleOf(leadId).fetchHistory());
    const readable = history + history.replace(/"data":"([A-Za-z0-9+/=]+)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
    for (const value of ['2025559876', 'Quirina', 'canary']) expect(readable.toLowerCase()).not.toContain(value.toLowerCase());
  });
});

async function eventsOf(leadId: string): Promise<string[]> {
  const { events } = await handleOf(leadId).fetchHistory();
  const names = await import('@temporalio/proto');
  return (events ?? []).map((event) => names.temporal.api.enums.v1.EventType[event.eventType ?? 0]?.replace('EVENT_TYPE_', '') ?? '');
}
