import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  ACQUISITIONS, CONSENT_EVENTS, IMPORT_REFUSALS, LEADS, OUTBOX, PERSONAL_DATA, SUBJECT_KEYS,
} from '../../db/acquisition-copy.ts';
import { inCopyTransaction, type CopyPool, type CopyTransaction } from '../../db/copy.ts';
import { addLeadJurisdictions, lockBatch, recordBatch, type BatchCounts } from '../../db/import-batches.ts';
import type { NewImportRefusal } from '../../db/schema.ts';
import type { Vault } from '../../db/vault.ts';
import { AcquisitionPlan } from '../acquisition-plan.ts';
import type { Batch } from './batches.ts';
import { BatchPlan } from './batch-plan.ts';
import { lookAround } from './batch-lookup.ts';

/** Rows worked on before others get their turn of the thread. */
const SLICE = 80;
const MOST_ATTEMPTS = 10;
/** A number that a request brought meanwhile, or a deadlock with one: the same batch goes through when it is planned again. */
const CONFLICTS = new Set(['23505', '40P01', '40001']);

export interface BatchTarget {
  pool: CopyPool;
  vault: Vault;
  importId: string;
  sourceId: string;
}

/** Another run has taken the import up, or it has ended: whoever still works on it is to stop. */
export class ImportTakenOver extends Error {
  constructor() {
    super('This import is not where this run left it: another run has taken it up.');
    this.name = 'ImportTakenOver';
  }
}

/**
 * Writes a batch, with its refusals, its accounting and the place to go on from, in one transaction. Calls `meanwhile` when this
 * thread has nothing left to do but to wait for PostgreSQL. Throws ImportTakenOver when it is not the next batch of its import
 * any more.
 */
export async function writeBatch(target: BatchTarget, batch: Batch, rowsPerSecond: number, meanwhile: () => void): Promise<BatchCounts> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inCopyTransaction(target.pool, (transaction) => writeOnce(transaction, target, batch, rowsPerSecond, meanwhile));
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !CONFLICTS.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function writeOnce(
  transaction: CopyTransaction, target: BatchTarget, batch: Batch, rowsPerSecond: number, meanwhile: () => void,
): Promise<BatchCounts> {
  const { db } = transaction;
  const { vault, importId } = target;
  if (!(await lockBatch(db, importId, batch.from))) throw new ImportTakenOver();
  const surroundings = await lookAround(db, vault, batch, target.sourceId);
  const rows = new AcquisitionPlan(vault, surroundings.leads, surroundings.ledgers, { lane: 1, importId });
  const plan = new BatchPlan(rows, batch, surroundings);
  await copyRows(transaction, plan, rows, importId, meanwhile);
  await addLeadJurisdictions(db, plan.newJurisdictions);
  await recordBatch(db, importId, plan.counts, { recordsDone: batch.to, rowsPerSecond });
  return plan.counts;
}

/**
 * Leads first, which the facts refer to. What has to be sealed comes last: as soon as everything is planned this thread seals,
 * while PostgreSQL writes leads and facts, and after that reads ahead.
 */
async function copyRows(
  { copy }: CopyTransaction, plan: BatchPlan, rows: AcquisitionPlan, importId: string, meanwhile: () => void,
): Promise<void> {
  const planned = Promise.withResolvers<null>();
  const facts = copy(LEADS, planLeads(plan, rows, () => planned.resolve(null))).then(() => copyFacts(copy, rows, refusalRows(plan, importId)));
  await Promise.all([facts, planned.promise.then(() => sealAll(rows)).then(meanwhile)]);
  const { subjectKeys, personalData } = rows.rows;
  await copy(SUBJECT_KEYS, [subjectKeys]);
  await copy(PERSONAL_DATA, [personalData]);
}

async function copyFacts(copy: CopyTransaction['copy'], { facts }: AcquisitionPlan, refusals: NewImportRefusal[]): Promise<void> {
  await copy(ACQUISITIONS, [facts.acquisitions]);
  if (facts.consentEvents.length > 0) await copy(CONSENT_EVENTS, [facts.consentEvents]);
  await copy(OUTBOX, [facts.outbox]);
  if (refusals.length > 0) await copy(IMPORT_REFUSALS, [refusals]);
}

/** Plans slice by slice, so that PostgreSQL has the first leads while the last ones are thought about. */
async function* planLeads(plan: BatchPlan, { facts: { leads } }: AcquisitionPlan, planned: () => void) {
  for (let copied = 0; plan.advance(SLICE); copied = leads.length) {
    yield leads.slice(copied);
    await nextTurn();
  }
  planned();
}

async function sealAll(rows: AcquisitionPlan): Promise<void> {
  while (rows.seal(SLICE)) await nextTurn();
}

function refusalRows({ refusals }: BatchPlan, importId: string): NewImportRefusal[] {
  return refusals.map(({ row, code, column, detail }) => ({ import_id: importId, row: BigInt(row), code, column, detail }));
}
