import { newId } from '../../db/ids.ts';
import { seal, type Vault } from '../../db/vault.ts';
import type { OpenOptOut } from '../../db/webhook-events.ts';
import type { WebhookRows } from '../../db/webhook-facts.ts';
import { CHANNELS, gradeOf, type Channel, type ConsentEffect } from '../../domain/consent.ts';
import { effectOfCarriedConsent } from '../../domain/consent-ledger.ts';
import { needsConfirmation, type Settings } from '../../domain/settings.ts';
import type { Confirmation, ConsentText } from '../../domain/source.ts';
import type { LeadSignal } from '../../domain/lead.ts';
import type { ReadEvent, WebhookEvent, WebhookResult } from '../../domain/webhook.ts';
import type { KnownPerson } from './people.ts';
import { wordsOf } from './said.ts';

/** On whose behalf an event was sent, and what that source asks of consents. */
export interface EventSender {
  webhookSourceId: string;
  sourceId: string;
  confirmation: Confirmation;
  consentTexts: readonly ConsentText[];
}

/** One event on its way into the books. */
export interface TakenEvent {
  /** Of the record of it. */
  id: string;
  /** Digest of its source and of what makes it the same event. */
  key: string;
  event: ReadEvent;
  sender: EventSender;
  receivedAt: Date;
}

/** What became of an event. */
export interface EventResult {
  id: string;
  eventId: string;
  result: WebhookResult;
  problem: { code: string; detail: string } | null;
  leadIds: string[];
}

/** What is known when events are planned. */
export interface PlanGround {
  vault: Vault;
  people: ReadonlyMap<bigint, readonly KnownPerson[]>;
  /** The numbers of leads that share their token with others, by lead. */
  phones: ReadonlyMap<string, string>;
  /** Where there are grants among them. */
  settings: Settings | null;
  /** Where somebody starts again. */
  optOuts: readonly OpenOptOut[];
}

/** How a consent is recorded that somebody gave by starting again: only this, by message, ends opt-outs by message. */
export const START_METHOD = 'start_by_message';

interface Outcome {
  result: WebhookResult;
  factIds: string[];
  leadIds: string[];
  detail?: string;
}

/** Turns events into rows, one after the other: what an earlier one did, a later one finds. Does no I/O. */
export class WebhookPlan {
  readonly rows: WebhookRows = {
    events: [], consents: [], suppressions: [], lifted: [], unclear: [], requests: [], personal: [], references: [], waiting: [], outbox: [],
  };
  readonly #ground: PlanGround;
  readonly #keys = new Map<string, Buffer>();

  constructor(ground: PlanGround) {
    this.#ground = ground;
  }

  /** An event that was taken before. */
  repeat(taken: TakenEvent): EventResult {
    return this.#record(taken, { result: 'duplicate', factIds: [], leadIds: [] });
  }

  /**
   * Plans an event about the people behind some numbers, the one that its sender gave last first; `waitFor` are the names under
   * which it waits when there is no number. A refusal concerns this event alone.
   */
  add(taken: TakenEvent, tokens: readonly bigint[], waitFor: readonly bigint[]): EventResult {
    return this.#record(taken, 'problem' in taken.event ? { result: 'invalid', factIds: [], leadIds: [] } : this.#outcomeOf(taken, taken.event, tokens, waitFor));
  }

  /** Plans to remember by which name a sender calls the people behind some numbers. */
  learn({ receivedAt }: TakenEvent, tokens: readonly bigint[], reference: bigint): void {
    for (const token of tokens) this.rows.references.push({ reference, token, learned_at: receivedAt });
  }

  /** Plans what was said of somebody who is known only now: its event is on record already. */
  resume(taken: TakenEvent, event: WebhookEvent, tokens: readonly bigint[]): Outcome {
    return this.#outcomeOf(taken, event, tokens, []);
  }

  #outcomeOf(taken: TakenEvent, event: WebhookEvent, tokens: readonly bigint[], waitFor: readonly bigint[]): Outcome {
    switch (event.act) {
      case 'ignore': return { result: 'ignored', factIds: [], leadIds: [], detail: event.byMessage ? 'a message without a keyword; its words are not kept' : 'of a type that is not listened to' };
      case 'help': return { result: 'ignored', factIds: [], leadIds: [], detail: 'asks for help, which is answered' };
      case 'reference': case 'merge':
        if (tokens.length > 0) return { result: 'applied', factIds: [], leadIds: [] };
        return { result: 'ignored', factIds: [], leadIds: [], detail: 'none of the contacts is known' };
      default: break;
    }
    if (tokens.length === 0) return this.#wait(taken, event, waitFor);
    // Who agrees does so for the number that they have now; who does not want something has had enough on all of them.
    const reached = event.act === 'grant' || event.act === 'start' ? tokens.slice(0, 1) : tokens;
    const outcomes = reached.map((token) => {
      const people = this.#peopleOf(token, event);
      return people.length === 0 ? this.#ofNobody(taken, event, token) : joined(people.map((person) => this.#ofPerson(taken, event, person)));
    });
    return joined(outcomes);
  }

  /** Numbers that share a token are told apart by themselves, where the sender gave one. */
  #peopleOf(token: bigint, { phone }: WebhookEvent): readonly KnownPerson[] {
    const { people, phones } = this.#ground;
    return (people.get(token) ?? []).filter(({ id }) => phone === null || (phones.get(id) ?? phone) === phone);
  }

  #wait(taken: TakenEvent, event: WebhookEvent, keys: readonly bigint[]): Outcome {
    const { webhookSourceId, sourceId } = taken.sender;
    for (const key of keys) {
      this.rows.waiting.push({
        id: newId(), key, event_id: taken.id, webhook_source_id: webhookSourceId, source_id: sourceId,
        // Of somebody whom nobody can ask, unclear words are taken for what they may mean.
        act: event.act === 'unclear' ? 'opt_out' : event.act,
        by_message: event.byMessage, channels: [...event.channels], purpose: event.purpose, grade: event.grade,
        text_version: event.textVersion, method: event.method, happened_at: event.at, received_at: taken.receivedAt, expires_at: event.expiresAt,
      });
    }
    return { result: 'acquisition_unknown', factIds: [], leadIds: [], detail: 'waits until the person is acquired' };
  }

  #ofNobody(taken: TakenEvent, event: WebhookEvent, token: bigint): Outcome {
    const { receivedAt, sender: { webhookSourceId: via } } = taken;
    switch (event.act) {
      case 'opt_out': case 'unclear': {
        const factIds = event.channels.map((channel) => this.#suppress(taken, event, { token, channel, later: null }));
        return { result: 'suppressed', factIds, leadIds: [], ...(event.act === 'unclear' ? { detail: 'unclear words of a number that is no lead' } : {}) };
      }
      case 'erasure': {
        const id = newId();
        this.rows.requests.push({ id, lead_id: null, token, kind: 'erasure', via, requested_at: event.at, received_at: receivedAt });
        return { result: 'request_recorded', factIds: [id], leadIds: [] };
      }
      case 'start': {
        this.#reopen(taken, event, token, taken.id);
        return this.#wait(taken, event, [token]);
      }
      default: return this.#wait(taken, event, [token]);
    }
  }

  #ofPerson(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    switch (event.act) {
      case 'opt_out': return this.#withdraw(taken, event, person);
      case 'unclear': return this.#freeze(taken, event, person);
      case 'erasure': return this.#request(taken, event, person);
      default: return this.#grant(taken, event, person);
    }
  }

  #withdraw(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const { receivedAt, sender: { webhookSourceId: via } } = taken;
    const consents = event.channels.map((channel) => {
      const fact = { id: newId(), kind: 'revoked' as const, channel, purpose: event.purpose, grade: 'implied' as const, effect: 'in_force' as const, confirmation: 'none' as const, method: null };
      this.rows.consents.push({
        ...fact, lead_id: person.id, acquisition_id: null, happened_at: event.at, received_at: receivedAt, expires_at: null, text_version: null,
        text_source_id: null, via,
      });
      person.ledger.push({ ...fact, carried: false, happenedAt: event.at, receivedAt, expiresAt: null });
      return fact.id;
    });
    if (event.statement !== null) this.#seal(person, consents[0] ?? '', { statement: event.statement });
    const suppressions = event.byMessage ? event.channels.map((channel) => {
      return this.#suppress(taken, event, { token: person.token, channel, later: laterStart(person, channel, event.at) });
    }) : [];
    this.#tell(taken, person, { signal: 'consentChanged', factId: consents[0] ?? '', said: wordsOf(event, via, { suppressed: event.byMessage }) });
    return { result: 'applied', factIds: [...consents, ...suppressions], leadIds: [person.id] };
  }

  #grant(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const [channel] = event.channels;
    if (channel === undefined || channel === 'all' || event.purpose === 'all') throw new Error('a grant without a channel or a purpose');
    const { receivedAt, sender: { webhookSourceId: via, sourceId, confirmation, consentTexts } } = taken;
    const { purpose, textVersion, at } = event;
    const own = event.act === 'start';
    const evidence = { textVersion: textVersion ?? undefined, method: event.method ?? undefined, statement: event.statement ?? undefined };
    const asked = this.#ground.settings && needsConfirmation(this.#ground.settings, { jurisdictions: person.jurisdictions, channel, purpose });
    const fact = {
      id: newId(), kind: 'granted' as const, channel, purpose, method: own ? START_METHOD : event.method,
      grade: own ? 'express' as const : gradeOf(event.grade ?? undefined, evidence),
      effect: own ? 'in_force' as const : effectOfCarriedConsent(person.ledger, channel, purpose),
      // A message from the number itself needs no further confirmation that the number is the person's.
      confirmation: own ? 'none' as const : asked ? 'double_opt_in' as const : confirmation,
    };
    this.rows.consents.push({
      ...fact, lead_id: person.id, acquisition_id: own ? null : person.acquisitionId, happened_at: at, received_at: receivedAt,
      expires_at: event.expiresAt, text_version: textVersion, via,
      text_source_id: consentTexts.some(({ version }) => version === textVersion) ? sourceId : null,
    });
    person.ledger.push({ ...fact, carried: !own, happenedAt: at, receivedAt, expiresAt: event.expiresAt });
    if (event.statement !== null) this.#seal(person, fact.id, evidence);
    if (own) this.#reopen(taken, event, person.token, fact.id);
    this.#tell(taken, person, { signal: 'consentChanged', factId: fact.id, said: wordsOf(event, via, { effect: fact.effect }) });
    return { result: 'applied', factIds: [fact.id], leadIds: [person.id], ...waits(fact.effect) };
  }

  #freeze(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const { receivedAt, sender: { webhookSourceId: via } } = taken;
    const id = newId();
    this.rows.unclear.push({ id, lead_id: person.id, channel: event.channels[0] ?? 'all', stated_at: event.at, received_at: receivedAt, via });
    if (event.statement !== null) this.#seal(person, id, { statement: event.statement });
    this.#tell(taken, person, { signal: 'consentChanged', factId: id, said: wordsOf(event, via, {}) });
    return { result: 'unclear', factIds: [id], leadIds: [person.id] };
  }

  #request(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const { receivedAt, sender: { webhookSourceId: via } } = taken;
    const id = newId();
    this.rows.requests.push({ id, lead_id: person.id, token: person.token, kind: 'erasure', via, requested_at: event.at, received_at: receivedAt });
    if (event.statement !== null) this.#seal(person, id, { statement: event.statement });
    this.#tell(taken, person, { signal: 'lifecycleChanged', factId: id, said: wordsOf(event, via, {}) });
    return { result: 'request_recorded', factIds: [id], leadIds: [person.id] };
  }

  /** A number that has started again since, by a message that overtook this one, is suppressed no more. */
  #suppress(
    { receivedAt, sender: { webhookSourceId: via } }: TakenEvent, { at }: WebhookEvent,
    { token, channel, later }: { token: bigint; channel: Channel | 'all'; later: string | null },
  ): string {
    const id = newId();
    const end = later === null ? {} : { lifted_at: receivedAt, lifted_because: later, lifted_by: `webhook:${via}` };
    this.rows.suppressions.push({ id, token, kind: 'opt_out', channel, reported_at: at, received_at: receivedAt, via, ...end });
    return id;
  }

  /** Ends what stood against the channels before; an opt-out from everything goes on for the others. */
  #reopen({ receivedAt, sender: { webhookSourceId: via } }: TakenEvent, { channels, at }: WebhookEvent, token: bigint, because: string): void {
    const end = { lifted_at: receivedAt, lifted_because: because, lifted_by: `webhook:${via}` };
    const known = this.#ground.optOuts.filter((each) => each.token === token && !this.rows.lifted.some(({ id }) => id === each.id));
    const planned = this.rows.suppressions.filter((each) => each.token === token && !each.lifted_at);
    for (const each of [...known, ...planned]) {
      if (each.reported_at >= at || !(each.channel === 'all' || channels.includes(each.channel))) continue;
      if ('received_at' in each) Object.assign(each, end);
      else this.rows.lifted.push({ id: each.id, ...end });
      if (each.channel !== 'all') continue;
      for (const channel of CHANNELS.filter((other) => !channels.includes(other))) {
        this.rows.suppressions.push({ id: newId(), token, kind: each.kind, channel, reported_at: each.reported_at, received_at: receivedAt, via: each.via ?? null });
      }
    }
  }

  #seal({ id, stored }: KnownPerson, factId: string, personal: object): void {
    const { vault } = this.#ground;
    const key = this.#keys.get(id) ?? vault.unwrapKey(id, stored);
    this.#keys.set(id, key as Buffer);
    this.rows.personal.push({ lead_id: id, fact_id: factId, tier: 2, sealed: seal(key, { leadId: id, factId, tier: 2 }, JSON.stringify(personal)) });
  }

  #tell({ receivedAt }: TakenEvent, { id }: KnownPerson, { signal, factId, said }: { signal: LeadSignal; factId: string; said: string }): void {
    this.rows.outbox.push({ subject: id, workflow: 'lead', signal, fact_id: factId, lane: 0, due_at: receivedAt, said });
  }

  #record({ id, key, event, sender, receivedAt }: TakenEvent, { result, factIds, leadIds, detail }: Outcome): EventResult {
    const problem = 'problem' in event && result === 'invalid' ? event.problem : null;
    this.rows.events.push({
      id, key, webhook_source_id: sender.webhookSourceId, event_id: event.id, result, received_at: receivedAt,
      act: 'problem' in event ? 'unknown' : event.act, happened_at: 'problem' in event ? null : event.at,
      problem_code: problem?.code ?? null, detail: problem?.detail ?? detail ?? null, lead_id: leadIds[0] ?? null, fact_ids: factIds,
    });
    return { id, eventId: event.id, result, problem, leadIds };
  }
}

function waits(effect: ConsentEffect): { detail?: string } {
  return effect === 'waiting' ? { detail: 'kept, and waits: a withdrawal stands' } : {};
}

/** The START that came after an opt-out by message, where one did. */
function laterStart({ ledger }: KnownPerson, channel: Channel | 'all', at: Date): string | null {
  return ledger.find((event) => event.method === START_METHOD && event.channel === channel && event.happenedAt > at)?.id ?? null;
}

const STRONGEST: readonly WebhookResult[] = ['applied', 'request_recorded', 'unclear', 'suppressed', 'acquisition_unknown'];

/** What became of an event that reached several: what it did where it did most. */
function joined(outcomes: readonly Outcome[]): Outcome {
  const result = STRONGEST.find((each) => outcomes.some((outcome) => outcome.result === each)) ?? 'ignored';
  const { detail } = outcomes.find((outcome) => outcome.result === result) ?? {};
  const [factIds, leadIds] = [outcomes.flatMap((each) => each.factIds), outcomes.flatMap((each) => each.leadIds)];
  return { result, factIds, leadIds, ...(detail === undefined ? {} : { detail }) };
}
