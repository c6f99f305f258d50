import type { Db } from '../db/connection.ts';
import { countLiveCalls } from '../db/gate-facts.ts';
import { plus } from '../domain/civil-time.ts';
import type { CampaignCalls, Question } from '../domain/clearance.ts';
import type { Policy } from '../domain/policy.ts';

/** What became of the calls of campaigns, counted once for all questions that are answered together. */
export class Campaigns {
  readonly #counted = new Map<string, Promise<CampaignCalls>>();
  readonly #db: Db;
  readonly #at: Date;

  constructor(db: Db, at: Date) {
    this.#db = db;
    this.#at = at;
  }

  /** The counts that the law of a question asks for: only for calls that are dialed ahead of those who answer them. */
  async callsFor({ channel, dialerMode, campaign }: Question, policies: readonly Policy[]): Promise<CampaignCalls[]> {
    if (channel !== 'call' || dialerMode !== 'predictive' || campaign === null) return [];
    const windows = new Set(policies.flatMap(({ values }) => values.abandonment ?? []).map(({ value }) => value.window));
    return Promise.all([...windows].map((window) => this.#count(campaign, window)));
  }

  #count(campaign: string, window: string): Promise<CampaignCalls> {
    const key = `${window} ${campaign}`;
    const counted = this.#counted.get(key) ?? this.#read(campaign, window);
    this.#counted.set(key, counted);
    return counted;
  }

  async #read(campaign: string, window: string): Promise<CampaignCalls> {
    const [row] = await countLiveCalls(this.#db, { campaign, since: plus(this.#at, window, -1), until: this.#at });
    return { window, live: Number(row?.live ?? 0), abandoned: Number(row?.abandoned ?? 0) };
  }
}
