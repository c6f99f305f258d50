import type { Db, Tx } from '../db/connection.ts';
import { inPipeline, type PipelinePool } from '../db/pipeline.ts';
import type { Vault } from '../db/vault.ts';
import type { Asked, Preview, PreviewAsked, Recorded } from './asked.ts';
import { Clearing } from './clearing.ts';
import { Flushes } from '../db/flushes.ts';
import { Judging } from './judging.ts';
import { previewOf } from './preview.ts';

export interface GateOptions {
  /** Connections that nobody else keeps busy, with a short patience for locks. */
  pool: PipelinePool;
  /** For previews, and for a question that goes again by itself because those it came with stood in its way. */
  db: Db;
  vault: Vault;
  now: () => Date;
  /** Whether there is a database that answers whether numbers were reassigned; left out: there is none. */
  asksReassigned?: boolean;
}

type Settled = PromiseSettledResult<Recorded>;

const MOST = { size: 32, underWay: 2 };
/** Whoever asks a thousand questions at once waits for all of them, and should not make others wait for long. */
const MOST_OF_MANY = { size: 100, underWay: 2 };
/** Those who go again by themselves wait here for their turn, rather than for a connection, which has its limit. */
const MOST_ALONE = { size: 1, underWay: 4 };

/** Answers who may be contacted. Every answer is on record, and the person reserved, before it is given. */
export class Gate {
  readonly #options: GateOptions;
  readonly #judging: Judging;
  readonly #clearing: Clearing;
  readonly #flushes: Flushes<Asked, Recorded>;
  readonly #many: Flushes<Asked, Recorded>;
  readonly #alone: Flushes<Asked, Recorded>;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#judging = new Judging(options.vault);
    this.#clearing = new Clearing({ ...options, judging: this.#judging });
    this.#flushes = new Flushes((asked) => this.#answer(asked), MOST);
    this.#many = new Flushes((asked) => this.#answer(asked), MOST_OF_MANY);
    this.#alone = new Flushes((asked) => this.#answerPatiently(asked), MOST_ALONE);
  }

  /** Answers a question, together with those that are asked at the same time. */
  ask(asked: Asked): Promise<Recorded> {
    return this.#flushes.add(asked);
  }

  /** Answers one of many questions that somebody asks at once. */
  askAmongMany(asked: Asked): Promise<Recorded> {
    return this.#many.add(asked);
  }

  /** Answers questions inside a transaction of the caller's; they count once that is committed. */
  async askWithin(tx: Tx, asked: readonly Asked[]): Promise<Settled[]> {
    const { result, sent } = await this.#clearing.answer(tx, asked);
    await sent;
    return result;
  }

  /** What the answer would be, now or at another moment; keeps nothing and reserves nobody. */
  preview(asked: PreviewAsked): Promise<Preview> {
    return previewOf({ ...this.#options, judging: this.#judging }, asked);
  }

  async #answer(asked: readonly Asked[]): Promise<(Settled | Promise<Settled>)[]> {
    try {
      return await this.#committed(inPipeline(this.#options.pool, (tx) => this.#clearing.answer(tx, asked)));
    } catch (error) {
      if (!isOwnFault(error)) throw error;
      // One of them stands in the way of all: each by itself.
      const alone = asked.map((each) => this.#alone.add(each));
      return alone.map(async (answering) => (await Promise.allSettled([answering]))[0]);
    }
  }

  #answerPatiently(asked: readonly Asked[]): Promise<Settled[]> {
    return this.#committed(this.#options.db.transaction().execute((tx) => this.askWithin(tx, asked)));
  }

  async #committed(answering: Promise<Settled[]>): Promise<Settled[]> {
    const answers = await answering;
    this.#clearing.committed(answers);
    return answers;
  }
}

/** PostgreSQL was there and did not like something about these questions, or their company. */
function isOwnFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isSqlState = /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
  return code === '' ? !/onnect|timeout|Client/.test(String(error)) : isSqlState && !/^(08|53|57P|58)/.test(code);
}
