import { insertClearances, keepLaws } from '../db/clearances.ts';
import type { Tx } from '../db/connection.ts';
import { lockPersons } from '../db/gate-facts.ts';
import type { Work } from '../db/pipeline.ts';
import { askAbout } from '../db/reassigned-checks.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import type { GateFacts } from '../domain/clearance.ts';
import { isToBeAsked } from '../domain/reassigned.ts';
import type { Asked, Clearance, Recorded } from './asked.ts';
import type { Judged, Judging, Round } from './judging.ts';
import type { LawEdition } from './law.ts';
import { forgottenPerson, sortedTokens, tokensOf } from './persons.ts';
import { recordOf, type Entry } from './records.ts';

type Settled<T> = PromiseSettledResult<T>;

/** Persons who are reserved by a clearance that is being made, by lead. */
type Reserved = Map<string, GateFacts['openClearance']>;

/** What comes up while questions are settled. */
interface Findings {
  reserved: Reserved;
  laws: LawEdition[];
  /** Leads that only wait for an answer whether their number was reassigned. */
  unasked: string[];
}

const ASKED_AGAIN_AFTER = 'PT1H';

/** Answers questions on record, inside a transaction. */
export class Clearing {
  readonly #judging: Judging;
  readonly #vault: Vault;
  readonly #now: () => Date;
  readonly #asksReassigned: boolean;
  /** Policy versions whose law is known to be in the store. */
  readonly #kept = new Set<string>();

  constructor({ judging, vault, now, asksReassigned = false }: {
    judging: Judging; vault: Vault; now: () => Date; asksReassigned?: boolean | undefined;
  }) {
    this.#judging = judging;
    this.#vault = vault;
    this.#now = now;
    this.#asksReassigned = asksReassigned;
  }

  /**
   * Answers some questions, one after the other, and sends the answers to be put on record. Nothing about the persons can
   * change until the transaction ends. A question about a lead that does not exist is refused by itself.
   */
  async answer(tx: Tx, asked: readonly Asked[]): Promise<Work<Settled<Recorded>[]>> {
    const persons = asked.map(({ person }) => person);
    const owned = await tokensOf(tx, this.#vault, persons);
    const tokens = sortedTokens(owned);
    // Asked in one breath, done one after the other: what is read is what there is when the locks are held.
    const [, round] = await Promise.all([
      lockPersons(tx, { tokens }),
      this.#judging.read({ db: tx, persons, tokens, now: this.#now }),
    ]);
    const laws: LawEdition[] = [];
    const settled: Settled<Entry>[] = [];
    const reserved: Reserved = new Map();
    const unasked: string[] = [];
    for (const [index, each] of asked.entries()) {
      settled.push(await this.#settle(round, each, owned[index] ?? null, { reserved, laws, unasked }));
    }
    const result = settled.map((each) => (each.status === 'fulfilled' ? { ...each, value: each.value.clearance } : each));
    const records = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    await this.#keepLaws(tx, laws, round.at);
    const recorded = records.length === 0 ? Promise.resolve() : insertClearances(tx, records.map(({ row }) => row));
    return { result, sent: unasked.length === 0 ? recorded : Promise.all([recorded, this.#ask(tx, unasked, round.at)]) };
  }

  /** Of each lead once in a while, however often it is held: a question may have failed, and each is paid for. */
  #ask(tx: Tx, leadIds: readonly string[], at: Date): Promise<string[]> {
    return askAbout(tx, leadIds, { by: 'clearance', at, notSince: plus(at, ASKED_AGAIN_AFTER, -1) });
  }

  async #settle(
    round: Round, asked: Asked, token: bigint | null, { reserved, laws, unasked }: Findings,
  ): Promise<Settled<Entry>> {
    try {
      const found = token === null ? null : round.reading.rowOf(asked.person, token);
      const row = found ?? (await forgottenPerson(round.db, asked.person));
      const judged = await this.#judging.judge(round, asked.question, row, reserved.get(row.id ?? ''));
      const number = round.reading.numberOf(asked.person);
      const { at, settings } = round;
      const record = recordOf(asked, judged, { at, settingsVersion: settings.version, number, vault: this.#vault });
      const { clearanceId, validUntil } = record.clearance;
      if (row.id !== null && validUntil !== null) reserved.set(row.id, { id: clearanceId, until: validUntil });
      laws.push(judged.edition);
      if (this.#asksReassigned && row.id !== null && waitsForAnswer(judged, round.at)) unasked.push(row.id);
      return { status: 'fulfilled', value: record };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  }

  /** Answers stand on law that is in the store. It is seldom new, and has to be there before a commit can be on its way. */
  async #keepLaws(tx: Tx, laws: readonly LawEdition[], at: Date): Promise<void> {
    const fresh = new Map(laws.filter(({ version }) => !this.#kept.has(version)).map((law) => [law.version, law]));
    await keepLaws(tx, [...fresh.values()].map(({ version, document }) => ({ version, document })), at);
  }

  /** To be told when a transaction was committed: only then is its law in the store for certain. */
  committed(clearances: readonly Settled<Clearance>[]): void {
    for (const result of clearances) if (result.status === 'fulfilled') this.#kept.add(result.value.policyVersion);
  }
}

/** Whether nothing stands against a contact but that a database has yet to be asked. */
function waitsForAnswer({ decision: { reasons }, facts, edition }: Judged, at: Date): boolean {
  return reasons.length > 0 && reasons.every(({ code }) => code === 'reassigned_unknown') && isToBeAsked(facts, edition.policies, at);
}
