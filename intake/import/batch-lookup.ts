import { consentLedgers } from '../../db/consents.ts';
import type { Db } from '../../db/connection.ts';
import { acquisitionMoments, probeTokens, suppressedTokens } from '../../db/import-batches.ts';
import { findLeadsByToken, keepLeads, lockLeads, type KnownLead } from '../../db/leads.ts';
import { currentSettings } from '../../db/settings.ts';
import type { Vault } from '../../db/vault.ts';
import type { ConsentEvent } from '../../domain/consent.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Batch } from './batches.ts';

/** What the books have about the numbers of a batch. */
export interface Surroundings {
  leads: KnownLead[];
  /** Of the leads, where the batch brings consents. */
  ledgers: Map<string, ConsentEvent[]>;
  /** When the leads came from this source before, in milliseconds. */
  moments: Map<string, Set<number>>;
  /** What the company asks of consents, where the batch brings any. */
  settings: Settings | undefined;
  /** Suppressed numbers, and whether their person has been disposed of: such a number is not taken in again. */
  suppressed: ReadonlyMap<bigint, { isOutlived: boolean }>;
}

/** Looks up what has to be known to plan a batch. Most numbers are new, so only the first look is at all of them. */
export async function lookAround(db: Db, vault: Vault, batch: Batch, sourceId: string): Promise<Surroundings> {
  const tokens = batch.tokens.toSorted();
  const found = await probeTokens(db, tokens);
  const known = new Set(found);
  const opened = known.size === 0 ? [] : await findLeadsByToken(db, vault, [...known], numbersOf(batch, known));
  const staying = opened.length === 0 ? new Set<string>() : await keepLeads(db, opened.map((lead) => lead.id));
  const leads = opened.filter(({ id }) => staying.has(id));
  const suppressed = await suppressedTokens(db, tokens);
  const ids = leads.map((lead) => lead.id);
  const withConsents = batch.acquisitions.some((acquisition) => acquisition.consents.length > 0);
  const bringsConsents = ids.length > 0 && withConsents;
  if (bringsConsents) await lockLeads(db, ids);
  return {
    leads,
    ledgers: bringsConsents ? await consentLedgers(db, ids) : new Map<string, ConsentEvent[]>(),
    moments: ids.length === 0 ? new Map<string, Set<number>>() : await acquisitionMoments(db, ids, sourceId),
    settings: withConsents ? (await currentSettings(db)).settings : undefined,
    suppressed,
  };
}

/** The numbers of a batch that have one of some tokens. */
function numbersOf({ acquisitions, tokens }: Batch, known: ReadonlySet<bigint>): string[] {
  return acquisitions.flatMap(({ phone }, nth) => (known.has(tokens[nth] as bigint) ? [phone] : []));
}
