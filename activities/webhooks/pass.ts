import type { Db } from '../../db/connection.ts';
import type { Vault } from '../../db/vault.ts';
import {
  bringForward, findDue, keepHealth, recordDelivered, recordFailed,
  type DueDelivery, type EndpointWork, type Lease, type PassCounts,
} from '../../db/webhook-work.ts';
import {
  afterFailure, HEALTHY, nextAttemptAt, type Attempt, type Chance, type EndpointHealth, type FailedAttempt,
} from '../../domain/endpoint-health.ts';
import { Line, type Reach } from './line.ts';
import { signedMessage } from './message.ts';

export interface PassDependencies extends Reach {
  db: Db;
  vault: Vault;
  now: () => Date;
  /** The time of day outside, whatever a rehearsal makes of `now`: receivers check signatures by it. */
  outsideNow: () => Date;
  chance: Chance;
}

/** So many leads are told of at the same time. */
const AT_ONCE = 12;
/** A pass ends after so many deliveries or so long, for the workflow to show how it goes. */
const MOST_DELIVERIES = 1_000;
const LONGEST_MS = 15_000;

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
/** Whoever did not answer before gets less time for it. */
const FAILING_MS = 5_000;

/** One pass over what waits for an endpoint: who does the sending, and how it went. */
export class Pass {
  readonly counts: PassCounts = { delivered: 0, failed: 0, givenUp: 0 };
  readonly #dependencies: PassDependencies;
  readonly #endpoint: EndpointWork;
  readonly #lease: Lease;
  readonly #line: Line;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #secrets: string[];
  #health: EndpointHealth;
  #isGone = false;
  #failure: Error | null = null;
  #keeping: Promise<void> = Promise.resolve();

  constructor(dependencies: PassDependencies, endpoint: EndpointWork, lease: Lease, signal: AbortSignal) {
    this.#dependencies = dependencies;
    this.#endpoint = endpoint;
    this.#lease = lease;
    this.#health = endpoint;
    this.#line = new Line(new URL(endpoint.url), AT_ONCE, dependencies, signal);
    this.#secrets = secretsOf(endpoint, dependencies.vault, dependencies.now());
  }

  /** Sends what is due, in the order of each lead, until nothing is or the pass has taken long enough. */
  async run(): Promise<void> {
    const end = performance.now() + LONGEST_MS;
    try {
      for (let started = 0; started < MOST_DELIVERIES && performance.now() < end;) {
        const due = await this.#takeDue();
        for (const event of due) this.#start(event);
        started += due.length;
        if (this.#underWay.size === 0) break;
        await Promise.race(this.#underWay.values());
        if (this.#failure !== null) break;
      }
    } finally {
      await Promise.all(this.#underWay.values());
      this.#line.close();
    }
    this.#requireUnbroken();
  }

  #requireUnbroken(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** A failing endpoint is asked by one request at a time, and left alone in between. */
  async #takeDue(): Promise<DueDelivery[]> {
    const { db, now } = this.#dependencies;
    const { failingSince, waitUntil } = this.#health;
    const free = (failingSince === null ? AT_ONCE : 1) - this.#underWay.size;
    const at = now();
    if (free <= 0 || this.#isGone || (waitUntil !== null && waitUntil > at)) return [];
    return findDue(db, this.#lease, [...this.#underWay.keys()], at, free);
  }

  #start(event: DueDelivery): void {
    const delivery = this.#deliver(event)
      .catch((error: unknown) => void (this.#failure ??= error instanceof Error ? error : new Error('a delivery was broken off')))
      .finally(() => this.#underWay.delete(event.id));
    this.#underWay.set(event.id, delivery);
  }

  async #deliver(event: DueDelivery): Promise<void> {
    const message = signedMessage(event, this.#secrets, this.#dependencies.outsideNow());
    const isFailing = this.#health.failingSince !== null;
    const attempt = await this.#line.send(message, { connectMs: CONNECT_MS, answerMs: isFailing ? FAILING_MS : ANSWER_MS });
    await (attempt.isDelivered ? this.#settle(event, attempt) : this.#putOff(event, attempt));
  }

  async #settle(event: DueDelivery, attempt: Attempt & { isDelivered: true }): Promise<void> {
    const { db, now } = this.#dependencies;
    const at = now();
    await recordDelivered(db, this.#lease, event.id, attempt.status, at);
    this.counts.delivered += 1;
    const wasWell = this.#health.failures === 0 && this.#health.waitUntil === null;
    const hasRecovered = this.#health.failingSince !== null;
    this.#health = HEALTHY;
    if (!wasWell || this.counts.delivered === 1) await this.#keepHealth(attempt, at);
    if (hasRecovered) await bringForward(db, this.#endpoint.id, at);
  }

  async #putOff(event: DueDelivery, attempt: FailedAttempt): Promise<void> {
    const { db, now, chance } = this.#dependencies;
    const at = now();
    const nextAt = nextAttemptAt(event.tried + 1, attempt, at, chance);
    this.#isGone ||= attempt.failure === 'gone';
    this.#health = afterFailure(this.#health, event.tried + 1, attempt, at, chance);
    await recordFailed(db, this.#lease, event, attempt, nextAt, at);
    await this.#keepHealth(attempt, at);
    this.counts.failed += 1;
    if (nextAt === null) this.counts.givenUp += 1;
  }

  /** One after the other: written at once, what was learned first could be what stays. */
  #keepHealth(attempt: Attempt, at: Date): Promise<void> {
    const keep = () => keepHealth(this.#dependencies.db, this.#lease, this.#health, attempt, at);
    this.#keeping = this.#keeping.then(keep);
    return this.#keeping;
  }
}

function secretsOf({ id, secret, oldSecret, oldSecretUntil }: EndpointWork, vault: Vault, now: Date): string[] {
  const isOldGood = oldSecret !== null && oldSecretUntil !== null && oldSecretUntil > now;
  return [secret, ...(isOldGood ? [oldSecret] : [])].map((sealed) => vault.openSecret(id, sealed));
}
