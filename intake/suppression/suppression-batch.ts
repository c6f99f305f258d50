import type { Db, Tx } from '../../db/connection.ts';
import { lockPersons } from '../../db/gate-facts.ts';
import { newId } from '../../db/ids.ts';
import { takeBatchTurn } from '../../db/import-batches.ts';
import { recordSuppressions, suppressTokens, type SuppressionImport } from '../../db/suppression-imports.ts';
import type { Vault } from '../../db/vault.ts';
import type { RowRefusal } from '../import/refusal.ts';
import type { SuppressionRow } from './suppression-rows.ts';

interface BatchTarget {
  db: Db;
  vault: Vault;
  now: () => Date;
}

interface Writing {
  tokens: string[];
  reported: string[];
  at: Date;
  rowsPerSecond: number;
}

const MOST_ATTEMPTS = 10;
/** Deadlocks, and waits that took too long: the same batch goes through when it is written again. */
const PASSING = new Set(['40P01', '40001', '55P03', '57014']);

/** Rows that are written in one transaction. */
export class SuppressionBatch {
  rows = 0;
  readonly #phones: string[] = [];
  readonly #moments: Date[] = [];
  readonly #refusals: RowRefusal[] = [];
  #skipped = 0;

  add(row: SuppressionRow | null): void {
    this.rows += 1;
    if (row === null) {
      this.#skipped += 1;
      return;
    }
    if (row.refusal) this.#refusals.push(row.refusal);
    for (const phone of row.phones) {
      this.#phones.push(phone);
      this.#moments.push(row.reportedAt);
    }
  }

  /**
   * Writes the numbers with the accounting. Whoever asks about one of them meanwhile waits: after the commit nobody is cleared
   * by what was known before.
   */
  async write({ db, vault, now }: BatchTarget, file: SuppressionImport, rowsPerSecond: number): Promise<void> {
    const numbers = this.#numbers(vault);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await db.transaction().execute((tx) => this.#writeOnce(tx, file, { ...numbers, at: now(), rowsPerSecond }));
        return;
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !PASSING.has((error as { code?: string }).code ?? '')) throw error;
      }
    }
  }

  async #writeOnce(tx: Tx, file: SuppressionImport, { tokens, reported, at, rowsPerSecond }: Writing): Promise<void> {
    await takeBatchTurn(tx);
    await lockPersons(tx, { tokens });
    const { kind, channel, via, id: importId } = file;
    const [done] = await suppressTokens(tx, { ids: tokens.map(newId), tokens, reported, kind, channel, via, importId, now: at });
    const [suppressed, refused] = [Number(done?.suppressed ?? 0), this.#refusals.length];
    const counts = {
      taken: this.rows - this.#skipped - refused,
      skipped: this.#skipped,
      refused,
      suppressed,
      known: this.#phones.length - suppressed,
      leads: Number(done?.leads ?? 0),
    };
    const refusals = this.#refusals.map(({ row, ...problem }) => ({ import_id: importId, row: BigInt(row), ...problem }));
    await recordSuppressions(tx, importId, { counts, refusals, rowsPerSecond, at });
  }

  /** Each token once, in the order in which everybody takes their locks, with the earliest moment that it was reported. */
  #numbers(vault: Vault): Pick<Writing, 'tokens' | 'reported'> {
    const found = new Map<bigint, Date>();
    vault.phoneTokens(this.#phones).forEach((token, index) => {
      const moment = this.#moments[index] as Date;
      const earlier = found.get(token);
      if (!earlier || moment < earlier) found.set(token, moment);
    });
    const sorted = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
    return { tokens: sorted.map(([token]) => String(token)), reported: sorted.map(([, moment]) => moment.toISOString()) };
  }
}
