import { sql, type CompiledQuery, type Kysely, type RawBuilder } from 'kysely';
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import type { Db } from './connection.ts';

/** The place of a value in a statement that is built before its values are known. */
class Place {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a statement is built with: the place of each of its values. */
export type Places<Values> = { readonly [Name in keyof Values]: RawBuilder<Values[Name]> };

interface Buildable {
  compile(db: Kysely<unknown>): CompiledQuery;
}

/** Texts of the statements that PostgreSQL is to parse and plan once for each connection, with their names. */
const NAMES = new Map<string, string>();

/**
 * A statement for the hot paths: built once, however often it runs, and sent by name, so that every connection parses it once.
 * Its text must not depend on values: lists go in as one array.
 */
export function named<Values extends object, Row>(
  name: string, build: (places: Places<Values>) => Buildable,
): (db: Db, values: Values) => Promise<Row[]> {
  let compiled: CompiledQuery | undefined;
  return async (db, values) => {
    compiled ??= compile(db, name, build);
    const given = values as Readonly<Record<string, unknown>>;
    const parameters = compiled.parameters.map((each) => (each instanceof Place ? given[each.name] : each));
    const sender = SENDERS.get(db);
    const { rows } = sender
      ? await sender({ name, text: compiled.sql, values: parameters })
      : await db.executeQuery({ ...compiled, parameters });
    return rows as Row[];
  };
}

type Sender = (statement: QueryConfig) => Promise<QueryResult>;

/** Where the statements of a `Db` go without a detour: kysely would only hand them on. */
const SENDERS = new WeakMap<Db, Sender>();

/** Has statements by name that are asked of a `Db` sent right to its pool, or to the one connection that it stands for. */
export function sendThrough(db: Db, sender: Sender): void {
  SENDERS.set(db, sender);
}

function compile<Values>(db: Db, name: string, build: (places: Places<Values>) => Buildable): CompiledQuery {
  const places = new Proxy({}, { get: (_, value) => sql`${new Place(String(value))}` }) as Places<Values>;
  const compiled = build(places).compile(db as unknown as Kysely<unknown>);
  NAMES.set(compiled.sql, name);
  return compiled;
}

/** Makes a connection send the statements above by their names, and everything else as it is. */
export function sendByName(client: PoolClient): void {
  const send = client.query.bind(client) as (...sent: unknown[]) => unknown;
  client.query = ((text: unknown, values: unknown, ...rest: unknown[]) => {
    const name = typeof text === 'string' ? NAMES.get(text) : undefined;
    return name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
  }) as typeof client.query;
}
