import { LEADS } from '../db/acquisition-copy.ts';
import { inCopyTransaction } from '../db/copy.ts';
import { newId } from '../db/ids.ts';
import { SOURCE } from './import-store.ts';
import type { ListStore } from './list-store.ts';

const PORTION = 20_000;

/** Leads with certain numbers, and nothing else about them. */
export async function copyLeads({ deps: { pool, vault } }: ListStore, numbers: Iterable<number>): Promise<void> {
  const now = new Date();
  const rowsOf = (portion: readonly number[]) => {
    const tokens = vault.phoneTokens(portion.map((number) => `+${number}`));
    return portion.map((_, nth) => ({
      id: newId(), token: tokens[nth] ?? 0n, collision: 0, jurisdictions: ['US'], zones: ['America/New_York'], is_company: false,
      stage_since: now, source_id: SOURCE.id, created_at: now, next_review_at: null,
    }));
  };
  const portions = function* () {
    let portion: number[] = [];
    for (const number of numbers) {
      if (portion.push(number) < PORTION) continue;
      yield rowsOf(portion);
      portion = [];
    }
    yield rowsOf(portion);
  };
  await inCopyTransaction(pool, ({ copy }) => copy(LEADS, portions()));
}
