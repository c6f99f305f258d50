import { sql, type Insertable } from 'kysely';
import type { Db } from './connection.ts';
import { named } from './named.ts';
import type { Database } from './schema.ts';

type Columns<Table extends keyof Database> = readonly (keyof Insertable<Database[Table]> & string)[];

/**
 * Adds rows of one table, however many, as one statement with one parameter, which every connection parses once. Columns that are
 * not named get their defaults. `unlessThere` passes over rows that are there already.
 */
export function rowSet<Table extends keyof Database>(
  table: Table, columns: Columns<Table>, { unlessThere = false }: { unlessThere?: boolean } = {},
): (tx: Db, rows: readonly Insertable<Database[Table]>[]) => Promise<void> {
  const [into, list] = [sql.table(table), sql.join(columns.map((column) => sql.ref(column)))];
  const insert: (db: Db, values: { rows: string }) => Promise<object[]> = named(`add_${table}`, ({ rows }) => sql`
    insert into ${into} (${list}) select ${list} from json_populate_recordset(null::${into}, ${rows}::json)
    ${unlessThere ? sql`on conflict do nothing` : sql``}`);
  return async (tx, rows) => {
    if (rows.length === 0) return;
    await insert(tx, { rows: JSON.stringify(rows.map((row) => jsonOf(row as Record<string, unknown>, columns))) });
  };
}

/** A row as PostgreSQL reads it from JSON: bytes in hexadecimal, wide integers as text. */
function jsonOf(row: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const column of columns) json[column] = valueOf(row[column]);
  return json;
}

function valueOf(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value;
}
