import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Vault } from '../../db/vault.ts';
import type { Acquisition } from '../acquisition.ts';
import { isBlankRecord } from './dialect.ts';
import { readRecords, type ExaminedFile, type OpenFile } from './file-layout.ts';
import type { RowRefusal } from './refusal.ts';
import { isRefusal, type ReadRow } from './row-reading.ts';

/** Rows hold on to the text they were cut from; this much of it and no more. */
const BATCH_CHARACTERS = 8_000_000;

/** Rows that are written in one transaction. */
export interface Batch {
  /** Records of the file done with before this batch, and after it. */
  from: number;
  to: number;
  acquisitions: Acquisition[];
  /** The rows that the acquisitions were. */
  rowNumbers: number[];
  /** The tokens of their numbers. */
  tokens: BigInt64Array;
  refusals: RowRefusal[];
}

/** Where to go on, and how many rows a batch may have, asked anew for each. */
interface Course {
  recordsDone: number;
  batchRows: () => number;
}

/** Reads the rows of a file, from those on that come after `recordsDone` records, in batches. Throws an ImportFailure. */
export async function* readBatches(
  open: OpenFile, file: ExaminedFile, readRow: ReadRow, vault: Vault, { recordsDone, batchRows }: Course,
): AsyncGenerator<Batch> {
  let batch = new BatchInHand(recordsDone);
  let record = 0;
  const start = Math.max(file.preamble, recordsDone);
  for await (const portion of readRecords(open, file.layout)) {
    for (const cells of portion) {
      record += 1;
      if (record <= start || isBlankRecord(cells)) continue;
      batch.add(readRow(cells, record), record);
      if (batch.rows < batchRows()) continue;
      yield batch.finish(vault, record);
      batch = new BatchInHand(record);
    }
    batch.characters += charactersOf(portion);
    if (batch.characters >= BATCH_CHARACTERS && batch.rows > 0) {
      yield batch.finish(vault, record);
      batch = new BatchInHand(record);
    }
    await nextTurn();
  }
  if (record > batch.from) yield batch.finish(vault, record);
}

class BatchInHand {
  characters = 0;
  /** Records of the file done with before. */
  readonly from: number;
  readonly #acquisitions: Acquisition[] = [];
  readonly #rowNumbers: number[] = [];
  readonly #refusals: RowRefusal[] = [];

  constructor(from: number) {
    this.from = from;
  }

  get rows(): number {
    return this.#acquisitions.length + this.#refusals.length;
  }

  add(read: Acquisition | RowRefusal, row: number): void {
    if (isRefusal(read)) {
      this.#refusals.push(read);
      return;
    }
    this.#acquisitions.push(read);
    this.#rowNumbers.push(row);
  }

  finish(vault: Vault, to: number): Batch {
    const tokens = vault.phoneTokens(this.#acquisitions.map((acquisition) => acquisition.phone));
    return {
      from: this.from,
      to,
      acquisitions: this.#acquisitions,
      rowNumbers: this.#rowNumbers,
      tokens,
      refusals: this.#refusals,
    };
  }
}

/** Long records come alone or in small portions; for all others the number of cells says enough. */
function charactersOf(portion: readonly (readonly string[])[]): number {
  let characters = 0;
  for (const cells of portion) for (const cell of cells) characters += cell.length + 1;
  return characters;
}
