import { Socket } from 'node:net';
import { PostgresDialect, Transaction } from 'kysely';
import pg from 'pg';
import { createPool, overClient, type ConnectionOptions, type Db, type Tx } from './connection.ts';
import { sendThrough } from './named.ts';
import type { Database } from './schema.ts';

/** What a piece of work has found out, and what it sent last without waiting for it. */
export interface Work<T> {
  result: T;
  /**
   * Statements by name (`named`) whose answer nobody needs: the commit follows them at once, and counts only if they went well.
   * Anything else takes its time on the way and has to be waited for, or it comes after the commit.
   */
  sent: Promise<unknown>;
}

/**
 * A connection that sends statements without waiting for the answers to those before. What is asked within one turn of the
 * event loop leaves in one packet: waking PostgreSQL up costs more than most of what it is then asked to do.
 */
export class PipelineClient extends pg.Client {
  readonly #socket: Socket;
  #isHeld = false;

  constructor(config?: pg.ClientConfig) {
    const socket = new Socket();
    super({ ...config, pipeline: true, stream: () => socket });
    this.#socket = socket;
  }

  /** Holds back what is sent in this turn of the event loop until its end. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#socket.cork();
    setImmediate(() => {
      this.#isHeld = false;
      this.#socket.uncork();
    });
  }
}

/** A pool of such connections. */
export type PipelinePool = Omit<pg.Pool, 'connect'> & { connect(): Promise<PipelineClient & pg.PoolClient> };

/**
 * Statements of the hot path look some persons up by index, whatever PostgreSQL believes about tables that have just grown: one
 * plan for all, which it neither makes anew for a few tokens nor turns into a reading of whole tables.
 */
const RULED_OUT = ['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin'];
const PLANS = ['plan_cache_mode=force_generic_plan', 'jit=off', ...RULED_OUT.map((way) => `enable_${way}=off`)];

export function createPipelinePool(url: string, options: ConnectionOptions = {}): PipelinePool {
  const settings = PLANS.map((setting) => `-c ${setting}`).join(' ');
  return createPool(url, { ...options, Client: PipelineClient, settings }) as unknown as PipelinePool;
}

/**
 * A transaction in as few packets as it takes: what is asked at the same time goes to PostgreSQL at once, `begin` with the
 * first statements and `commit` with the last. PostgreSQL still runs them one after the other, each with what was committed
 * when it began; one that fails makes those behind it fail, the commit included.
 */
export async function inPipeline<T>(pool: PipelinePool, work: (tx: Tx) => Promise<Work<T>>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    client.hold();
    const begun = client.query('begin');
    // Whatever becomes of it is looked at below; until then it must not count as forgotten.
    begun.catch(() => undefined);
    const { result, sent } = await work(transactionOver(client));
    const committed = client.query('commit');
    const [, , { command }] = await Promise.all([begun, sent, committed]);
    if (command !== 'COMMIT') throw new Error('a transaction was rolled back instead of committed');
    return result;
  } catch (error) {
    broken = await client.query('rollback').then(() => false, () => true);
    throw error;
  } finally {
    client.release(broken);
  }
}

const PIPELINES = new WeakSet<Db>();

/**
 * Asks several things, each of which is not needed for the others: in one breath over a connection that takes that, and one
 * after the other over any other. They are done in their order in either case.
 */
export async function askTogether<Answers extends readonly unknown[]>(
  tx: Db, ...questions: { [Nth in keyof Answers]: () => Promise<Answers[Nth]> }
): Promise<Answers> {
  if (PIPELINES.has(tx)) return await Promise.all(questions.map((ask) => ask())) as unknown as Answers;
  const answers: unknown[] = [];
  for (const ask of questions) answers.push(await ask());
  return answers as unknown as Answers;
}

function transactionOver(client: PipelineClient & pg.PoolClient): Tx {
  const executor = overClient(client).getExecutor();
  const config = { dialect: DIALECT };
  const tx = new Transaction<Database>({ config, dialect: DIALECT, driver: DIALECT.createDriver(), executor });
  sendThrough(tx, (statement) => {
    client.hold();
    return client.query(statement);
  });
  PIPELINES.add(tx);
  return tx;
}

/** Kysely wants to know how connections are opened; here they are open. */
const DIALECT = new PostgresDialect({ pool: () => Promise.reject(new Error('no connections are opened here')) });
