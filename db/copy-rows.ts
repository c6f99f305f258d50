import { BinaryWriter, type Encode } from './binary.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const END_OF_ROWS = -1;

/** A table and how each of its columns is written, in the order in which `copy from` names them. */
export interface CopyTable<Row> {
  name: string;
  columns: { [Column in keyof Row]?: Encode<Exclude<Row[Column], null | undefined>> };
}

/**
 * Rows in the binary format of `COPY ... FROM STDIN (FORMAT binary)`, gathered in chunks large enough that neither the socket
 * nor PostgreSQL notices their borders.
 */
export class CopyRows {
  readonly #writer = new BinaryWriter();

  constructor() {
    this.#writer.bytes(SIGNATURE);
  }

  /** Appends rows; columns that a row leaves out or has as null are null. */
  add<Row extends object>(table: CopyTable<Row>, rows: readonly Row[]): void {
    const columns = Object.entries(table.columns) as [keyof Row, Encode<unknown>][];
    for (const row of rows) {
      this.#writer.int16(columns.length);
      for (const [column, encode] of columns) this.#writer.value(encode, row[column]);
    }
  }

  /** The chunks that are full by now; they are handed out once. */
  take(): Buffer[] {
    return this.#writer.take();
  }

  /** Everything that is left, with the end mark. */
  end(): Buffer[] {
    this.#writer.int16(END_OF_ROWS);
    return this.#writer.takeAll();
  }
}
