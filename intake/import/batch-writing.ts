import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  ACQUISITIONS, CONSENT_EVENTS, IMPORT_REFUSALS, LEADS, OUTBOX, PERSONAL_DATA, SUBJECT_KEYS,
} from '../../db/acquisition-copy.ts';
import { insertChecks } from '../../db/certificate-checks.ts';
import type { Db } from '../../db/connection.ts';
import { inCopyTransaction, type CopyPool, type CopyTransaction } from '../../db/copy.ts';
import { annulConsents, grantedCalls } from '../../db/dnc-hits.ts';
import { lockBatch, recordBatch, type BatchCounts } from '../../db/import-batches.ts';
import type { NewImportRefusal } from '../../db/import-schema.ts';
import { addPlacings } from '../../db/lead-placing.ts';
import { insertRefusedAcquisitions } from '../../db/refused-acquisitions.ts';
import type { Vault } from '../../db/vault.ts';
import { lookUpNewcomers } from '../../dnc/newcomers.ts';
import { publishAcquired } from '../acquisition-events.ts';
import { AcquisitionPlan } from '../acquisition-plan.ts';
import { settleAcquired } from '../webhook/waiting.ts';
import { sealTexts, type PersonalText, type SealedRows } from '../sealing.ts';
import type { Batch } from './batches.ts';
import { BatchPlan } from './batch-plan.ts';
import { lookAround } from './batch-lookup.ts';

/** Rows worked on before others get their turn of the thread. */
const SLICE = 100;
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

/** What goes along with a batch. */
export interface BatchCompany {
  /** Put down with it. */
  rowsPerSecond: number;
  /** Called when this thread has nothing left to do but to wait for PostgreSQL; again, when the batch is done again. */
  meanwhile: () => void;
}

/**
 * Writes a batch, with its refusals, its accounting and the place to go on from, in one transaction. Throws ImportTakenOver
 * when it is not the next batch of its import any more.
 */
export async function writeBatch(target: BatchTarget, batch: Batch, company: BatchCompany): Promise<BatchCounts> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inCopyTransaction(target.pool, (transaction) => writeOnce(transaction, target, batch, company));
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !CONFLICTS.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function writeOnce(
  transaction: CopyTransaction, target: BatchTarget, batch: Batch, { rowsPerSecond, meanwhile }: BatchCompany,
): Promise<BatchCounts> {
  const { db } = transaction;
  const { vault, importId } = target;
  if (!(await lockBatch(db, importId, batch.from))) throw new ImportTakenOver();
  const surroundings = await lookAround(db, vault, batch, target.sourceId);
  const { leads, ledgers, settings } = surroundings;
  const rows = new AcquisitionPlan(leads, ledgers, { lane: 1, importId, settings });
  const plan = new BatchPlan(rows, batch, surroundings);
  await copyRows(transaction, target, plan, rows, meanwhile);
  await insertChecks(db, rows.checks, 1);
  await addPlacings(db, plan.placings);
  const [first] = batch.acquisitions;
  if (first) await followUp(db, vault, batch, { plan, rows, receivedAt: first.receivedAt });
  await recordBatch(db, importId, plan.counts, { recordsDone: batch.to, rowsPerSecond });
  return plan.counts;
}

/** What follows from acquisitions that are written: who hears of them, what waited for these people, on which lists they are. */
async function followUp(
  db: Db, vault: Vault, { acquisitions, tokens }: Batch,
  { plan: { refused }, rows: { facts, created }, receivedAt }: { plan: BatchPlan; rows: AcquisitionPlan; receivedAt: Date },
): Promise<void> {
  await publishAcquired(db, facts, receivedAt);
  const arrived = acquisitions.map((acquisition, nth) => ({ ...acquisition, token: tokens[nth] as bigint }));
  await settleAcquired(db, vault, arrived.filter((_, nth) => !refused.has(nth)), receivedAt);
  await insertRefusedAcquisitions(db, [...refused.values()]);
  // Last of all: until this transaction is over, no list can come to another state.
  await lookUpNewcomers(db, created.map(({ id, phone }) => ({ leadId: id, phone })), receivedAt);
  await annulConsents(db, grantedCalls(facts.consentEvents), receivedAt);
}

/**
 * Leads first, which the facts refer to; what has to be sealed last. As soon as everything is planned this thread seals, while
 * PostgreSQL writes leads and facts, and after that it reads ahead.
 */
async function copyRows(
  { copy }: CopyTransaction, { vault, importId }: BatchTarget, plan: BatchPlan, rows: AcquisitionPlan, meanwhile: () => void,
): Promise<void> {
  const planned = Promise.withResolvers<null>();
  const writing = copy(LEADS, planLeads(plan, rows, () => planned.resolve(null)))
    .then(() => copyFacts(copy, rows, refusalRows(plan, importId)));
  const sealing = planned.promise.then(() => sealAll(vault, rows.takeTexts()));
  const [sealed] = await Promise.all([sealing, sealing.then(meanwhile), writing]);
  await copy(SUBJECT_KEYS, sealed.map(({ subjectKeys }) => subjectKeys));
  await copy(PERSONAL_DATA, sealed.map(({ personalData }) => personalData));
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

async function sealAll(vault: Vault, texts: readonly PersonalText[]): Promise<SealedRows[]> {
  const sealed: SealedRows[] = [];
  for (let start = 0; start < texts.length; start += SLICE) {
    sealed.push(sealTexts(vault, texts.slice(start, start + SLICE)));
    await nextTurn();
  }
  return sealed;
}

function refusalRows({ refusals }: BatchPlan, importId: string): NewImportRefusal[] {
  return refusals.map(({ row, code, column, detail }) => ({ import_id: importId, row: BigInt(row), code, column, detail }));
}
