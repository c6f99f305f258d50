import { newId } from '../../db/ids.ts';
import { seal, type Vault } from '../../db/vault.ts';
import type { WebhookRows } from '../../db/webhook-facts.ts';
import { gradeOf, type Channel } from '../../domain/consent.ts';
import { effectOfCarriedConsent } from '../../domain/consent-ledger.ts';
import { needsConfirmation, type Settings } from '../../domain/settings.ts';
import type { LeadSignal } from '../../domain/lead.ts';
import type { WebhookEvent } from '../../domain/webhook.ts';
import { requestErasure } from './erasing.ts';
import type { KnownPerson } from './people.ts';
import { wordsOf } from './said.ts';
import type { Suppressing } from './suppressing.ts';
import type { Outcome, TakenEvent } from './taken-event.ts';

/** How a consent is recorded that somebody gave by starting again: only this, by message, ends opt-outs by message. */
export const START_METHOD = 'start_by_message';

interface FactGround {
  vault: Vault;
  /** Where there are grants among the events. */
  settings: Settings | null;
  suppressing: Suppressing;
}

/** What an event is about a known person, as rows; and on the ledger that later events of the same batch look at. */
export class PersonFacts {
  readonly #rows: WebhookRows;
  readonly #ground: FactGround;
  readonly #keys = new Map<string, Uint8Array>();

  constructor(rows: WebhookRows, ground: FactGround) {
    this.#rows = rows;
    this.#ground = ground;
  }

  add(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    switch (event.act) {
      case 'opt_out': return this.#withdraw(taken, event, person);
      case 'unclear': return this.#freeze(taken, event, person);
      case 'erasure': return this.#request(taken, event, person);
      default: return this.#grant(taken, event, person);
    }
  }

  #withdraw(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const consents = event.channels.map((channel) => this.#revoke(taken, event, { person, channel }));
    const [first = ''] = consents;
    this.#seal(person, first, event);
    const suppressions = event.byMessage ? event.channels.map((channel) => {
      const later = laterStart(person, channel, event.at);
      return this.#ground.suppressing.suppress(taken, event, { token: person.token, channel, later });
    }) : [];
    const said = wordsOf(event, taken.sender, { suppressed: event.byMessage });
    this.#tell(taken, person, { signal: 'consentChanged', factId: first, said });
    return { result: 'applied', factIds: [...consents, ...suppressions], leadIds: [person.id] };
  }

  #revoke(
    { receivedAt, sender: { webhookSourceId: via } }: TakenEvent, { purpose, at }: WebhookEvent,
    { person, channel }: { person: KnownPerson; channel: Channel | 'all' },
  ): string {
    const fact = {
      id: newId(), kind: 'revoked' as const, channel, purpose, grade: 'implied' as const, effect: 'in_force' as const,
      confirmation: 'none' as const, method: null,
    };
    this.#rows.consents.push({
      ...fact, lead_id: person.id, acquisition_id: null, happened_at: at, received_at: receivedAt, expires_at: null, via,
      text_version: null, text_source_id: null,
    });
    person.ledger.push({ ...fact, carried: false, happenedAt: at, receivedAt, expiresAt: null });
    return fact.id;
  }

  /** A grant that is reported stands on the acquisition by which the lead is held, and ends no withdrawal; one’s own does. */
  #grant(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const [channel] = event.channels;
    const { purpose, textVersion, at, expiresAt } = event;
    if (channel === undefined || channel === 'all' || purpose === 'all') throw new Error('a grant without a channel or a purpose');
    const { receivedAt, sender } = taken;
    const fact = event.act === 'start' ? ownGrant() : this.#reportedGrant(taken, event, { person, channel, purpose });
    const whole = { ...fact, id: newId(), kind: 'granted' as const, channel, purpose };
    const isKnownText = sender.consentTexts.some(({ version }) => version === textVersion);
    this.#rows.consents.push({
      ...whole, lead_id: person.id, acquisition_id: event.act === 'start' ? null : person.acquisitionId, happened_at: at,
      received_at: receivedAt, expires_at: expiresAt, text_version: textVersion, via: sender.webhookSourceId,
      text_source_id: isKnownText ? sender.sourceId : null,
    });
    person.ledger.push({ ...whole, carried: event.act !== 'start', happenedAt: at, receivedAt, expiresAt });
    this.#seal(person, whole.id, event);
    if (event.act === 'start') this.#ground.suppressing.reopen(taken, event, { token: person.token, because: whole.id });
    this.#tell(taken, person, { signal: 'consentChanged', factId: whole.id, said: wordsOf(event, sender, { effect: fact.effect }) });
    const detail = fact.effect === 'waiting' ? { detail: 'kept, and waits: a withdrawal stands' } : {};
    return { result: 'applied', factIds: [whole.id], leadIds: [person.id], ...detail };
  }

  #reportedGrant(
    { sender }: TakenEvent, { grade, textVersion, method, statement }: WebhookEvent,
    { person, ...scope }: { person: KnownPerson } & Parameters<typeof effectOf>[1],
  ) {
    const { settings } = this.#ground;
    const isAsked = settings !== null && needsConfirmation(settings, { jurisdictions: person.jurisdictions, ...scope });
    const evidence = { textVersion: textVersion ?? undefined, method: method ?? undefined, statement: statement ?? undefined };
    return {
      method,
      grade: gradeOf(grade ?? undefined, evidence),
      effect: effectOf(person, scope),
      confirmation: isAsked ? 'double_opt_in' as const : sender.confirmation,
    };
  }

  #freeze(taken: TakenEvent, event: WebhookEvent, person: KnownPerson): Outcome {
    const { receivedAt, sender, sender: { webhookSourceId: via } } = taken;
    const [id, channel] = [newId(), event.channels[0] ?? 'all'];
    this.#rows.unclear.push({ id, lead_id: person.id, channel, stated_at: event.at, received_at: receivedAt, via });
    this.#seal(person, id, event);
    this.#tell(taken, person, { signal: 'consentChanged', factId: id, said: wordsOf(event, sender) });
    return { result: 'unclear', factIds: [id], leadIds: [person.id] };
  }

  #request(taken: TakenEvent, event: WebhookEvent, { id: leadId, token, ...person }: KnownPerson): Outcome {
    const id = requestErasure(this.#rows, taken, { leadId, token, jurisdictions: person.jurisdictions });
    this.#seal({ id: leadId, ...person }, id, event);
    this.#tell(taken, { id: leadId }, { signal: 'lifecycleChanged', factId: id, said: wordsOf(event, taken.sender) });
    return { result: 'request_recorded', factIds: [id], leadIds: [leadId] };
  }

  /** The person's own words, where there are any. */
  #seal(person: Pick<KnownPerson, 'id' | 'stored'>, factId: string, { statement, textVersion, method }: WebhookEvent): void {
    const { id: leadId, stored } = person;
    if (statement === null) return;
    const key = this.#keys.get(leadId) ?? this.#ground.vault.unwrapKey(leadId, stored);
    this.#keys.set(leadId, key);
    const text = JSON.stringify({ statement, textVersion: textVersion ?? undefined, method: method ?? undefined });
    this.#rows.personal.push({ lead_id: leadId, fact_id: factId, tier: 2, sealed: seal(key, { leadId, factId, tier: 2 }, text) });
  }

  #tell(
    { receivedAt }: TakenEvent, { id }: Pick<KnownPerson, 'id'>, { signal, factId, said }: { signal: LeadSignal; factId: string; said: string },
  ): void {
    this.#rows.outbox.push({ subject: id, workflow: 'lead', signal, fact_id: factId, lane: 0, due_at: receivedAt, said });
  }
}

/** A message from the number itself needs no further confirmation that the number is the person's. */
function ownGrant() {
  return { method: START_METHOD, grade: 'express' as const, effect: 'in_force' as const, confirmation: 'none' as const };
}

function effectOf({ ledger }: KnownPerson, { channel, purpose }: { channel: Channel; purpose: Exclude<WebhookEvent['purpose'], 'all'> }) {
  return effectOfCarriedConsent(ledger, channel, purpose);
}

/** The START that came after an opt-out by message, where one did. */
function laterStart({ ledger }: KnownPerson, channel: Channel | 'all', at: Date): string | null {
  return ledger.find((event) => event.method === START_METHOD && event.channel === channel && event.happenedAt > at)?.id ?? null;
}
