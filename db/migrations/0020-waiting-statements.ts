import { sql, type Kysely } from 'kysely';

/** Statements that wait for a person are looked at once more, when whoever acquired that person meanwhile has come to an end. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  'alter table waiting_statement add column looked_at timestamptz',
  'create index waiting_statement_not_looked_at on waiting_statement (received_at, id) where looked_at is null',
];
