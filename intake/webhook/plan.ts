import { newId } from '../../db/ids.ts';
import type { Vault } from '../../db/vault.ts';
import type { OpenOptOut } from '../../db/webhook-events.ts';
import type { WebhookRows } from '../../db/webhook-facts.ts';
import type { Settings } from '../../domain/settings.ts';
import type { WebhookEvent } from '../../domain/webhook.ts';
import { normalisePhone } from '../phone/normalise-phone.ts';
import { placeOf } from '../place/candidates.ts';
import { PersonFacts } from './facts.ts';
import { requestErasure } from './erasing.ts';
import type { KnownPerson } from './people.ts';
import { Suppressing } from './suppressing.ts';
import { joined, type EventResult, type Outcome, type TakenEvent } from './taken-event.ts';

/** What is known when events are planned. */
export interface PlanGround {
  vault: Vault;
  people: ReadonlyMap<bigint, readonly KnownPerson[]>;
  /** The numbers of leads that share their token with others, by lead. */
  phones: ReadonlyMap<string, string>;
  /** Where there are grants among the events. */
  settings: Settings | null;
  /** Where somebody starts again. */
  optOuts: readonly OpenOptOut[];
}

const NOTHING = { factIds: [], leadIds: [] };

/** Turns events into rows, one after the other: what an earlier one did, a later one finds. Does no I/O. */
export class WebhookPlan {
  readonly rows: WebhookRows = {
    events: [], consents: [], suppressions: [], lifted: [], unclear: [], requests: [], identified: [], personal: [],
    references: [], waiting: [], outbox: [],
  };
  readonly #ground: PlanGround;
  readonly #suppressing: Suppressing;
  readonly #facts: PersonFacts;

  constructor(ground: PlanGround) {
    this.#ground = ground;
    this.#suppressing = new Suppressing(this.rows, ground.optOuts);
    this.#facts = new PersonFacts(this.rows, { ...ground, suppressing: this.#suppressing });
  }

  /** An event that was taken before. */
  repeat(taken: TakenEvent): EventResult {
    return this.#record(taken, { ...NOTHING, result: 'duplicate' });
  }

  /**
   * Plans an event about the people behind some numbers, the one that its sender gave last first; `waitFor` are the names under
   * which it waits when there is no number.
   */
  add(taken: TakenEvent, tokens: readonly bigint[], waitFor: readonly bigint[]): EventResult {
    const { event } = taken;
    return this.#record(taken, 'problem' in event ? { ...NOTHING, result: 'invalid' } : this.#outcomeOf(taken, event, tokens, waitFor));
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
      case 'ignore': return { ...NOTHING, result: 'ignored', detail: event.byMessage ? PLAIN_MESSAGE : 'of a type that is not listened to' };
      case 'help': return { ...NOTHING, result: 'ignored', detail: 'asks for help, which is answered' };
      case 'reference': case 'merge':
        if (tokens.length > 0) return { ...NOTHING, result: 'applied' };
        return { ...NOTHING, result: 'ignored', detail: 'none of the contacts is known' };
      case 'grant': case 'start':
        // Who agrees does so for the number that they have now.
        return tokens.length === 0 ? this.#wait(taken, event, waitFor) : this.#reach(taken, event, tokens.slice(0, 1));
      case 'opt_out': case 'unclear':
        return tokens.length === 0 ? this.#wait(taken, event, waitFor) : this.#reach(taken, event, tokens);
      case 'erasure':
        return tokens.length === 0 ? this.#ofSomebody(taken, event, waitFor) : this.#reach(taken, event, tokens);
    }
  }

  #reach(taken: TakenEvent, event: WebhookEvent, tokens: readonly bigint[]): Outcome {
    return joined(tokens.map((token) => {
      const people = this.#peopleOf(token, event);
      if (people.length === 0) return this.#ofNobody(taken, event, token);
      return joined(people.map((person) => this.#facts.add(taken, event, person)));
    }));
  }

  /** Numbers that share a token are told apart by themselves, where the sender gave one. */
  #peopleOf(token: bigint, { phone }: WebhookEvent): readonly KnownPerson[] {
    const { people, phones } = this.#ground;
    return (people.get(token) ?? []).filter(({ id }) => phone === null || (phones.get(id) ?? phone) === phone);
  }

  #wait(taken: TakenEvent, event: WebhookEvent, keys: readonly bigint[]): Outcome {
    const { webhookSourceId, sourceId } = taken.sender;
    const statement = {
      event_id: taken.id, webhook_source_id: webhookSourceId, source_id: sourceId,
      // Of somebody whom nobody can ask, unclear words are taken for what they may mean.
      act: event.act === 'unclear' ? 'opt_out' as const : event.act,
      by_message: event.byMessage, channels: [...event.channels], purpose: event.purpose, grade: event.grade,
      text_version: event.textVersion, method: event.method, happened_at: event.at, expires_at: event.expiresAt,
      received_at: taken.receivedAt,
    };
    for (const key of keys) this.rows.waiting.push({ id: newId(), key, ...statement });
    return { ...NOTHING, result: 'acquisition_unknown', detail: 'waits until the person is acquired' };
  }

  /** A request runs from when it comes in, also where only the sender knows whose it is, until their number is known. */
  #ofSomebody(taken: TakenEvent, event: WebhookEvent, waitFor: readonly bigint[]): Outcome {
    this.#wait(taken, event, waitFor);
    const id = requestErasure(this.rows, taken, { leadId: null, token: null, jurisdictions: [] });
    return { result: 'request_recorded', factIds: [id], leadIds: [], detail: 'of somebody whose number is not known yet' };
  }

  #ofNobody(taken: TakenEvent, event: WebhookEvent, token: bigint): Outcome {
    switch (event.act) {
      case 'opt_out': case 'unclear': {
        const { channels } = event;
        const factIds = channels.map((channel) => this.#suppressing.suppress(taken, event, { token, channel, later: null }));
        const detail = event.act === 'unclear' ? { detail: 'unclear words of a number that is no lead' } : {};
        return { result: 'suppressed', factIds, leadIds: [], ...detail };
      }
      case 'erasure': {
        const id = requestErasure(this.rows, taken, { leadId: null, token, jurisdictions: placesOf(event) });
        return { result: 'request_recorded', factIds: [id], leadIds: [] };
      }
      case 'start':
        this.#suppressing.reopen(taken, event, { token, because: taken.id });
        return this.#wait(taken, event, [token]);
      default: return this.#wait(taken, event, [token]);
    }
  }

  #record({ id, key, event, sender, receivedAt }: TakenEvent, { result, factIds, leadIds, detail }: Outcome): EventResult {
    const told = 'problem' in event ? { act: 'unknown' as const, happened_at: null } : { act: event.act, happened_at: event.at };
    const problem = 'problem' in event && result === 'invalid' ? event.problem : null;
    this.rows.events.push({
      id, key, webhook_source_id: sender.webhookSourceId, event_id: event.id, ...told, result, received_at: receivedAt,
      problem_code: problem?.code ?? null, detail: problem?.detail ?? detail ?? null,
      lead_id: leadIds[0] ?? null, fact_ids: factIds,
    });
    return { id, eventId: event.id, result, problem, leadIds };
  }
}

const PLAIN_MESSAGE = 'a message without a keyword; its words are not kept';

/** Where somebody may be of whom nothing is known but a number. */
function placesOf({ phone }: WebhookEvent): string[] {
  const number = phone === null ? null : normalisePhone(phone);
  return number?.ok ? placeOf({ phone: number.e164, country: number.country, address: undefined }).jurisdictions : [];
}
