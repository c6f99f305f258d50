import { newId } from '../../db/ids.ts';
import type { OpenOptOut } from '../../db/webhook-events.ts';
import type { WebhookRows } from '../../db/webhook-facts.ts';
import { CHANNELS, type Channel } from '../../domain/consent.ts';
import type { WebhookEvent } from '../../domain/webhook.ts';
import type { TakenEvent } from './taken-event.ts';

type Planned = WebhookRows['suppressions'][number];

/** Suppressions of numbers, begun and ended by what people say; later events of the same batch find them. */
export class Suppressing {
  readonly #rows: WebhookRows;
  readonly #optOuts: readonly OpenOptOut[];

  constructor(rows: WebhookRows, optOuts: readonly OpenOptOut[]) {
    this.#rows = rows;
    this.#optOuts = optOuts;
  }

  /** Suppresses a number. One that has started again since, by a message that overtook this one, is suppressed no more. */
  suppress(
    taken: TakenEvent, { at }: WebhookEvent, { token, channel, later }: { token: bigint; channel: Channel | 'all'; later: string | null },
  ): string {
    const id = newId();
    const { receivedAt, sender: { webhookSourceId: via } } = taken;
    const end = later === null ? {} : endOf(taken, later);
    this.#rows.suppressions.push({ id, token, kind: 'opt_out', channel, reported_at: at, received_at: receivedAt, via, ...end });
    return id;
  }

  /** Ends the opt-outs and complaints that stood against some channels before; one against everything goes on for the others. */
  reopen(taken: TakenEvent, { channels, at }: WebhookEvent, { token, because }: { token: bigint; because: string }): void {
    const end = endOf(taken, because);
    const ends = (each: OpenOptOut | Planned) => {
      return each.token === token && each.reported_at < at && (each.channel === 'all' || channels.includes(each.channel));
    };
    const known = this.#optOuts.filter((each) => ends(each) && !this.#rows.lifted.some(({ id }) => id === each.id));
    const planned = this.#rows.suppressions.filter((each) => ends(each) && !each.lifted_at);
    for (const { id } of known) this.#rows.lifted.push({ id, ...end });
    for (const each of planned) Object.assign(each, end);
    const others = CHANNELS.filter((channel) => !channels.includes(channel));
    for (const { kind, reported_at, via = null } of [...known, ...planned].filter(({ channel }) => channel === 'all')) {
      for (const channel of others) {
        this.#rows.suppressions.push({ id: newId(), token, kind, channel, reported_at, received_at: taken.receivedAt, via });
      }
    }
  }
}

function endOf({ receivedAt, sender: { webhookSourceId } }: TakenEvent, because: string) {
  return { lifted_at: receivedAt, lifted_because: because, lifted_by: `webhook:${webhookSourceId}` };
}
