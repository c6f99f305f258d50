import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '../../db/ids.ts';
import { lockHolds } from '../../db/legal-holds.ts';
import { openDisposal } from '../../db/disposals.ts';
import { insertSuppression } from '../../db/suppressions.ts';
import { leadCard } from '../../domain/lead-card.ts';
import { readJournal } from '../../endings/journal/folder-journal.ts';
import { verifyProof } from '../../proof/verify.ts';
import { acquisition, createHouse, type House } from '../setup/house.ts';
import { FailingArchive, namesIn } from './failing-archive.ts';
import { disposalOf, disposer, fullLead, placeHold, putBundle, stepsOf } from './disposing.ts';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

const leadRow = (id: string) => house.db.selectFrom('lead').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const rowsOf = async (table: 'personal_data' | 'keyring.subject_key', leadId: string) => {
  return (await house.db.selectFrom(table).select('lead_id').where('lead_id', '=', leadId).execute()).length;
};

describe('a lead whose time is over', () => {
  it('is disposed of in one go, with a certificate that anybody can check', async () => {
    const leadId = await fullLead(house);
    const { disposeLead, reviewLead } = disposer(house);
    expect((await reviewLead(leadId)).action).toBe('dispose');
    const step = await disposeLead(leadId);
    const disposal = await disposalOf(house, leadId);
    expect(step).toMatchObject({ isDone: true, waitsFor: [], certificateId: disposal?.id, stores: { keys: 'confirmed', crm: 'confirmed' } });
    expect(disposal).toMatchObject({ ground: 'retention', opened_by: 'retention', attempts: 1, next_attempt_at: null, kek: 1 });
    expect(await leadRow(leadId)).toMatchObject({ token: null, disposed_at: disposal?.completed_at });
    expect([await rowsOf('personal_data', leadId), await rowsOf('keyring.subject_key', leadId)]).toEqual([0, 0]);
    const { valid, explanation } = verifyProof(disposal?.certificate, { trusted: house.signing.published.map(({ x }) => x) });
    expect(valid).toBe(true);
    expect(explanation).toContain(`everything about the person behind the lead ${leadId} was destroyed`);
    expect(explanation).toContain('from ');
    expect(JSON.stringify(disposal?.certificate)).not.toMatch(/Ada|202555/);
  });

  it('is reviewed as disposed of, and the life ends', async () => {
    const leadId = await fullLead(house);
    const { disposeLead, reviewLead } = disposer(house);
    await reviewLead(leadId);
    await disposeLead(leadId);
    const certificateId = (await disposalOf(house, leadId))?.id;
    expect(await reviewLead(leadId)).toMatchObject({ stage: 'disposed', reviewInMs: null, consentState: 'granted', certificateId });
  });

  it('answers the same when it is asked again, and certifies once', async () => {
    const leadId = await fullLead(house);
    const workers = [disposer(house), disposer(house)];
    const steps = await Promise.all([...workers, ...workers].map(({ disposeLead }) => disposeLead(leadId)));
    const { id, certificate } = (await disposalOf(house, leadId)) ?? {};
    await disposer(house).disposeLead(leadId);
    expect((await disposalOf(house, leadId))?.certificate).toEqual(certificate);
    expect(new Set(steps.filter(({ isDone }) => isDone).map((step) => step.certificateId))).toEqual(new Set([id]));
  });

  it('is in the journal before its key goes', async () => {
    const leadId = await fullLead(house);
    await disposer(house).disposeLead(leadId);
    const { id } = (await disposalOf(house, leadId)) ?? {};
    const entries: object[] = [];
    for await (const portion of readJournal(house.journalFolder)) entries.push(...portion);
    expect(entries).toContainEqual({ kind: 'disposal', at: expect.any(String), disposalId: id, leadId });
  });

  it('is kept when something has happened since it was looked at', async () => {
    const leadId = await fullLead(house);
    const { disposeLead } = disposer(house, () => new Date());
    expect(await disposeLead(leadId)).toEqual({ isDone: false, againInMs: 1_000, waitsFor: [] });
    expect(await disposalOf(house, leadId)).toBeUndefined();
    expect(await rowsOf('keyring.subject_key', leadId)).toBe(1);
  });

  it('shares one transaction of the key store with those that go at the same time', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 20; nth += 1) ids.push(await fullLead(house));
    const { disposeLead } = disposer(house);
    await Promise.all(ids.map((id) => disposeLead(id)));
    const { rows } = await sql<{ transactions: bigint; certificates: bigint }>`
      select count(distinct key_destroyed_at) as transactions, count(distinct certificate ->> 'disposalId') as certificates
      from disposal where lead_id = any(${ids}::uuid[])`.execute(house.db);
    expect(Number(rows[0]?.certificates)).toBe(20);
    expect(Number(rows[0]?.transactions)).toBeLessThanOrEqual(3);
  });
});

describe('a legal hold', () => {
  it('keeps a disposal from being opened, and lets it go on once it has ended', async () => {
    const leadId = await fullLead(house);
    const hold = await placeHold(house, leadId);
    const { disposeLead, reviewLead } = disposer(house);
    const reviewed = await reviewLead(leadId);
    expect([reviewed.action === 'dispose', reviewed.hold]).toEqual([false, 'keeps']);
    expect(leadCard(reviewed, null)).toContain('**Waits for:** hold.');
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['hold'] });
    expect(await disposalOf(house, leadId)).toBeUndefined();
    await house.db.updateTable('legal_hold').set({ released_at: new Date(), released_by: 'key:two' }).where('id', '=', hold).execute();
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
  });

  it('that is placed while a disposal is under way stops it before the key goes', async () => {
    const leadId = await fullLead(house);
    await putBundle(house, leadId);
    const { disposeLead } = disposer(house);
    // The hold has the lock and is about to be committed when the disposal comes to its last step.
    const placed = Promise.withResolvers<undefined>();
    const locked = Promise.withResolvers<undefined>();
    const placing = house.db.transaction().execute(async (tx) => {
      await lockHolds(tx, 'exclusive');
      locked.resolve(undefined);
      await placed.promise;
      await tx.insertInto('legal_hold').values({
        id: newId(), kind: 'lead', lead_id: leadId, reason: 'litigation', placed_by: 'key:one', placed_at: new Date(), search: null,
      }).execute();
    });
    await locked.promise;
    const disposing = disposeLead(leadId);
    while (!(await disposalOf(house, leadId))) await new Promise((resolve) => setImmediate(resolve));
    placed.resolve(undefined);
    await placing;
    expect(await disposing).toMatchObject({ isDone: false });
    expect(await rowsOf('keyring.subject_key', leadId)).toBe(1);
    expect(await namesIn(house.archiveFolder)).toContain(`leads/${leadId.slice(0, 6)}/${leadId}.bundle`);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['hold'] });
  });
});

describe('a store that is away', () => {
  it('keeps the disposal open and its key there, and is asked again', async () => {
    const leadId = await fullLead(house);
    const object = await putBundle(house, leadId);
    const archive = new FailingArchive(house.archive);
    const { disposeLead } = disposer({ ...house, archive });
    archive.isDown = true;
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['archive'] });
    archive.isDown = false;
    expect((await stepsOf(house, leadId)).get('archive')).toMatchObject({ problem: 'unreachable', confirmed_at: null });
    expect(await disposalOf(house, leadId)).toMatchObject({
      completed_at: null, key_destroyed_at: null, attempts: 1, next_attempt_at: expect.any(Date),
    });
    expect(await rowsOf('keyring.subject_key', leadId)).toBe(1);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
    expect(await house.archive.get(object)).toBeNull();
    expect((await stepsOf(house, leadId)).get('archive')).toMatchObject({ problem: null, attempts: 2, evidence: { objects: [object] } });
  });

  it('may be the journal, without which no key goes', async () => {
    const leadId = await fullLead(house);
    const { journalFolder } = house;
    const { disposeLead } = disposer({ ...house, journalFolder: '/dev/null/journal' });
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['backups'] });
    expect(await rowsOf('keyring.subject_key', leadId)).toBe(1);
    expect(await disposer({ ...house, journalFolder }).disposeLead(leadId)).toMatchObject({ isDone: true });
  });

  it('goes on where it was when it comes back after the key has gone', async () => {
    const leadId = await fullLead(house);
    const object = await putBundle(house, leadId);
    await house.db.insertInto('archive_stray').values({ object: `${object}.stray`, lead_id: leadId, since: new Date() }).execute();
    // Something puts the bundle there once more between its removal and the second look, which takes longer for the stray.
    let bundle: Buffer | null = Buffer.from('late');
    const archive = new FailingArchive(house.archive);
    archive.get = async (name) => {
      if (name === object) return bundle;
      await new Promise((resolve) => setImmediate(resolve));
      return null;
    };
    const { disposeLead, reviewLead } = disposer({ ...house, archive });
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['archive'] });
    expect(await disposalOf(house, leadId)).toMatchObject({ completed_at: null, key_destroyed_at: expect.any(Date) });
    expect(await reviewLead(leadId)).toMatchObject({ action: 'dispose', reviewInMs: expect.any(Number) });
    bundle = null;
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
  });
});

describe('an order', () => {
  const order = (leadId: string) => house.db.transaction().execute((tx) => {
    return openDisposal(tx, { leadId, ground: 'order', requestId: null, reason: 'wrong file', by: 'key:one' }, new Date());
  });

  it('waits for a second person, and is overtaken by time', async () => {
    const leadId = await fullLead(house);
    const id = await order(leadId);
    expect((await disposer(house, () => new Date()).reviewLead(leadId)).action).toBeUndefined();
    await disposer(house).disposeLead(leadId);
    expect(await disposalOf(house, leadId)).toMatchObject({ id, ground: 'retention', completed_at: expect.any(Date) });
  });

  it('is carried out whatever the retention says once it was agreed to', async () => {
    const leadId = await fullLead(house);
    await order(leadId);
    await house.db.updateTable('disposal').set({ approved_by: 'key:two', approved_at: new Date() }).where('lead_id', '=', leadId).execute();
    const { disposeLead, reviewLead } = disposer(house, () => new Date());
    expect((await reviewLead(leadId)).action).toBe('dispose');
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
  });
});

describe('what a person has refused', () => {
  const standing = (phone: string) => {
    return house.db.selectFrom('suppression').selectAll().where('token', '=', house.vault.phoneToken(phone)).execute();
  };

  it('outlives them, and what was lifted does not', async () => {
    const { phone } = acquisition();
    const leadId = await fullLead(house, phone);
    const base = { token: house.vault.phoneToken(phone), reported_at: new Date(), received_at: new Date(), via: 'letter' };
    await house.db.transaction().execute(async (tx) => {
      await insertSuppression(tx, { ...base, kind: 'opt_out', channel: 'sms', contact_id: newId() });
      await insertSuppression(tx, { ...base, kind: 'complaint', channel: 'all', lifted_at: new Date() });
    });
    await disposer(house).disposeLead(leadId);
    expect(await standing(phone)).toMatchObject([{ kind: 'opt_out', channel: 'sms', contact_id: null, outlived_at: expect.any(Date) }]);
    await expect(house.acquire({ phone })).rejects.toMatchObject({ code: 'opted_out' });
  });

  it('outlives them also where only their ledger has it, or a statement that nobody has settled', async () => {
    const [one, other] = [acquisition().phone, acquisition().phone];
    const [withdrawn, unclear] = [await fullLead(house, one), await fullLead(house, other)];
    await house.db.insertInto('consent_event').values({
      id: newId(), lead_id: withdrawn, acquisition_id: null, kind: 'revoked', channel: 'call', purpose: 'all', grade: 'express', effect: 'in_force',
      happened_at: new Date(), received_at: new Date(), expires_at: null, confirmation: 'none', text_version: null,
    }).execute();
    await house.db.insertInto('unclear_opt_out').values({
      id: newId(), lead_id: unclear, channel: 'all', stated_at: new Date(), received_at: new Date(), via: null,
    }).execute();
    const { disposeLead } = disposer(house);
    await Promise.all([withdrawn, unclear].map((id) => disposeLead(id)));
    expect(await standing(one)).toMatchObject([{ kind: 'opt_out', channel: 'call', via: 'disposal', outlived_at: expect.any(Date) }]);
    expect(await standing(other)).toMatchObject([{ kind: 'opt_out', channel: 'all', via: 'disposal', outlived_at: expect.any(Date) }]);
  });

  it('is not taken from somebody else whose number happens to have the same token', async () => {
    const { phone } = acquisition();
    const [mine, theirs] = [await fullLead(house, phone), await fullLead(house)];
    const token = house.vault.phoneToken(phone);
    await house.db.updateTable('lead').set({ token, collision: 1 }).where('id', '=', theirs).execute();
    await house.db.transaction().execute((tx) => {
      return insertSuppression(tx, { token, kind: 'opt_out', channel: 'all', reported_at: new Date(), received_at: new Date(), via: null, lifted_at: new Date() });
    });
    await house.db.insertInto('external_reference').values({ reference: 7n, token, learned_at: new Date() }).execute();
    await disposer(house).disposeLead(mine);
    expect(await standing(phone)).toHaveLength(1);
    expect(await house.db.selectFrom('external_reference').selectAll().where('token', '=', token).execute()).toHaveLength(1);
    expect(await leadRow(theirs)).toMatchObject({ token, disposed_at: null });
  });
});
