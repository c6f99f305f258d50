import { createHash } from 'node:crypto';
import { newId } from '../db/ids.ts';
import type { Db } from '../db/connection.ts';
import { inPipeline, type PipelinePool } from '../db/pipeline.ts';
import type { Vault } from '../db/vault.ts';
import { webhookSenderFinder, type WebhookSender } from '../db/webhook-sources.ts';
import type { ReadEvent } from '../domain/webhook.ts';
import { Flushes } from '../db/flushes.ts';
import type { EventResult, EventSender, TakenEvent } from '../intake/webhook/taken-event.ts';
import { takeEvents } from '../intake/webhook/taking.ts';
import { isConflict } from './failures.ts';

/** What one request brought. */
export interface Delivery {
  sender: EventSender;
  events: readonly ReadEvent[];
  receivedAt: Date;
}

export interface WebhookDeskOptions {
  /** Over the connections of the pool. */
  hotDb: Db;
  /** Connections that nobody else keeps busy, with a short patience for locks. */
  pool: PipelinePool;
  /** For what goes again by itself because those it came with stood in its way. */
  db: Db;
  vault: Vault;
  /** Told of every opt-out that is committed: when it came in. */
  onOptOut?: (receivedAt: Date) => void;
}

type Settled = PromiseSettledResult<EventResult[]>;

const MOST = { size: 64, underWay: 2 };
/** A request with many events keeps no others waiting that have one. */
const MOST_OF_MANY = { size: 1, underWay: 2 };
const MANY = 10;
const MOST_ALONE = { size: 1, underWay: 4 };
const ATTEMPTS = 5;
/** Sources of one provider that are tried for a request that names none. */
const MOST_TRIED = 20;
const MOST_OPENED = 100;
/** A repetition that was under way at the same time, and waits that took too long: tried again, the same goes through. */
const PASSING = new Set(['23505', '55P03']);

/** Takes webhooks in: what comes at the same time shares a transaction, and is answered when that is committed. */
export class WebhookDesk {
  /** Finds who may be sending to a name. */
  readonly findSenders: (name: string) => Promise<WebhookSender[]>;
  readonly #options: WebhookDeskOptions;
  readonly #opened = new Map<string, string>();
  readonly #few: Flushes<Delivery, EventResult[]>;
  readonly #many: Flushes<Delivery, EventResult[]>;
  readonly #alone: Flushes<Delivery, EventResult[]>;

  constructor(options: WebhookDeskOptions) {
    this.#options = options;
    this.findSenders = webhookSenderFinder(options.hotDb, MOST_TRIED);
    this.#few = new Flushes((deliveries) => this.#take(deliveries), MOST);
    this.#many = new Flushes((deliveries) => this.#take(deliveries), MOST_OF_MANY);
    this.#alone = new Flushes((deliveries) => this.#takePatiently(deliveries), MOST_ALONE);
  }

  /** The secret itself. Opened once, as long as it is sent with often. */
  openSecret({ id, sealed }: WebhookSender['secrets'][number]): string {
    const place = `${id} ${sealed}`;
    const opened = this.#opened.get(place) ?? this.#options.vault.openSecret(id, Buffer.from(sealed, 'base64'));
    if (this.#opened.size >= MOST_OPENED) this.#opened.clear();
    this.#opened.set(place, opened);
    return opened;
  }

  /** The results of the events of one request, once they are committed. */
  async take(delivery: Delivery): Promise<EventResult[]> {
    const results = await (delivery.events.length > MANY ? this.#many : this.#few).add(delivery);
    const { onOptOut } = this.#options;
    delivery.events.forEach((event, nth) => {
      if ('act' in event && event.act === 'opt_out' && results[nth]?.result !== 'duplicate') onOptOut?.(delivery.receivedAt);
    });
    return results;
  }

  async #take(deliveries: readonly Delivery[]): Promise<(Settled | Promise<Settled>)[]> {
    const { pool, vault } = this.#options;
    try {
      return shared(deliveries, await inPipeline(pool, (tx) => takeEvents(tx, vault, deliveries.flatMap(takenOf))));
    } catch {
      // One of them stands in the way of all, or PostgreSQL is not there: each finds out by itself.
      const alone = deliveries.map((each) => this.#alone.add(each));
      return alone.map(async (taking) => (await Promise.allSettled([taking]))[0]);
    }
  }

  async #takePatiently(deliveries: readonly Delivery[]): Promise<Settled[]> {
    const { db, vault } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const results = await db.transaction().execute(async (tx) => {
          const { result, sent } = await takeEvents(tx, vault, deliveries.flatMap(takenOf));
          await sent;
          return result;
        });
        return shared(deliveries, results);
      } catch (error) {
        if (attempt === ATTEMPTS || !(isConflict(error) || PASSING.has((error as { code?: string }).code ?? ''))) throw error;
      }
    }
  }
}

function shared(deliveries: readonly Delivery[], results: readonly EventResult[]): Settled[] {
  let from = 0;
  return deliveries.map(({ events }) => ({ status: 'fulfilled', value: results.slice(from, from += events.length) }));
}

function takenOf({ sender, events, receivedAt }: Delivery): TakenEvent[] {
  return events.map((event) => {
    return { id: newId(), key: digestOf(JSON.stringify([sender.webhookSourceId, event.key])), event, sender, receivedAt };
  });
}

/** Sixteen bytes of a digest, written as PostgreSQL keeps them. */
function digestOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
