import { insertChecks } from '../../db/certificate-checks.ts';
import type { Db, Tx } from '../../db/connection.ts';
import { lockConsentBatch, recordConsentBatch, type ConsentCounts } from '../../db/consent-imports.ts';
import { consentFactsOf } from '../../db/consent-moves.ts';
import { consentLedgers, insertConsentRows } from '../../db/consents.ts';
import { annulConsents, grantedCalls } from '../../db/dnc-hits.ts';
import { lockPersons } from '../../db/gate-facts.ts';
import { newId } from '../../db/ids.ts';
import { findLeadsByToken, lockLeads } from '../../db/leads.ts';
import { tellLeads } from '../../db/outbox.ts';
import { insertPersonalData } from '../../db/person-records.ts';
import { currentSettings } from '../../db/settings.ts';
import { suppressTokens } from '../../db/suppression-imports.ts';
import type { Vault } from '../../db/vault.ts';
import { ImportTakenOver } from '../import/batch-writing.ts';
import type { RowRefusal } from '../import/refusal.ts';
import { sealTexts } from '../sealing.ts';
import { ConsentPlan, type OptOut, type Surroundings } from './consent-plan.ts';
import { isRefusedConsent, type ConsentRow } from './consent-rows.ts';

/** Rows that are written in one transaction. */
export interface ConsentBatch {
  /** Records of the file done with before this batch, and after it. */
  from: number;
  to: number;
  rows: readonly (ConsentRow | RowRefusal)[];
}

export interface ConsentTarget {
  db: Db;
  vault: Vault;
  importId: string;
  receivedAt: Date;
}

const VIA = 'consent-import';
const SAID = 'consents of another system, from a file';
const MOST_ATTEMPTS = 10;
/** Deadlocks, and waits that took too long: the same batch goes through when it is written again. */
const PASSING = new Set(['40P01', '40001', '55P03', '57014']);

/**
 * Writes a batch with its refusals, its accounting and the place to go on from in one transaction. Whoever asks about one of
 * its people meanwhile waits. Throws ImportTakenOver when it is not the next batch of its import any more.
 */
export async function writeConsentBatch(
  target: ConsentTarget, batch: ConsentBatch, rowsPerSecond: number,
): Promise<ConsentCounts> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await target.db.transaction().execute((tx) => writeOnce(tx, target, batch, rowsPerSecond));
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !PASSING.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function writeOnce(
  tx: Tx, target: ConsentTarget, { from, to, rows }: ConsentBatch, rowsPerSecond: number,
): Promise<ConsentCounts> {
  const { vault, importId, receivedAt } = target;
  if (!(await lockConsentBatch(tx, importId, from))) throw new ImportTakenOver();
  const plan = new ConsentPlan(rows, await lookAround(tx, target, rows));
  await insertConsentRows(tx, plan.events, receivedAt);
  await annulConsents(tx, grantedCalls(plan.events), receivedAt);
  await insertPersonalData(tx, sealTexts(vault, plan.texts).personalData);
  await insertChecks(tx, plan.checks, 1);
  await suppress(tx, vault, plan.optOuts, importId, receivedAt);
  const touched = [...new Set(plan.events.map(({ lead_id }) => lead_id))];
  await tellLeads(tx, touched, { signal: 'consentChanged', factId: importId, said: SAID, lane: 1 }, receivedAt);
  const refusals = plan.refusals.map(({ row, ...refused }) => ({ import_id: importId, row: BigInt(row), ...refused }));
  await recordConsentBatch(tx, importId, plan.counts, refusals, { recordsDone: to, rowsPerSecond });
  return plan.counts;
}

/** Keeps everybody else from changing or judging what is known of the people of a batch, and reads it. */
async function lookAround(
  tx: Tx, { vault, importId, receivedAt }: ConsentTarget, rows: ConsentBatch['rows'],
): Promise<Surroundings> {
  const read = rows.filter((row): row is ConsentRow => !isRefusedConsent(row));
  const tokens = [...new Set(vault.phoneTokens(read.map(({ phone }) => phone)))].sort((one, other) => (one < other ? -1 : 1));
  await lockPersons(tx, { tokens: tokens.map(String) });
  const known = await findLeadsByToken(tx, vault, tokens, read.map(({ phone }) => phone));
  const leads = new Map(known.flatMap((lead) => (lead.phone === null ? [] : [[lead.phone, lead] as const])));
  const leadIds = [...new Set(read.flatMap(({ phone }) => leads.get(phone)?.id ?? []))].sort();
  await lockLeads(tx, leadIds);
  const texts = read.flatMap(({ phone, evidence: { textVersion: version } }) => {
    const leadId = leads.get(phone)?.id;
    return leadId === undefined || version === undefined ? [] : [{ leadId, version }];
  });
  const facts = await consentFactsOf(tx, leadIds, texts);
  const { settings } = await currentSettings(tx);
  return { leads, ledgers: await consentLedgers(tx, leadIds), settings, facts, importId, receivedAt };
}

/** A withdrawal of a number that is no lead has no ledger to stand on: the number is left alone on that channel. */
async function suppress(tx: Tx, vault: Vault, optOuts: readonly OptOut[], importId: string, now: Date): Promise<void> {
  for (const [channel, said] of Map.groupBy(optOuts, (each) => each.channel)) {
    const earliest = new Map<bigint, Date>();
    for (const { phone, at } of said) {
      const token = vault.phoneToken(phone);
      const known = earliest.get(token);
      if (!known || at < known) earliest.set(token, at);
    }
    const tokens = [...earliest.keys()].map(String);
    const reported = [...earliest.values()].map((at) => at.toISOString());
    await suppressTokens(tx, { ids: tokens.map(newId), tokens, reported, kind: 'opt_out', channel, via: VIA, importId, now });
  }
}
