import type { ConsentEffect } from '../../domain/consent.ts';
import type { WebhookEvent } from '../../domain/webhook.ts';
import type { EventSender } from './taken-event.ts';

/** What it did beside what it says. */
interface Change {
  effect?: ConsentEffect;
  suppressed?: boolean;
}

/** What an operator reads in the history of a lead: who said what, when, through whom, and what it changed. Nothing personal. */
export function wordsOf(
  event: WebhookEvent, { webhookSourceId }: EventSender, { effect, suppressed }: Change = {},
): string {
  const way = `${event.byMessage ? 'by message' : 'reported'} through ${webhookSourceId} at ${event.at.toISOString().slice(0, 16)}Z`;
  const channels = event.channels.map((channel) => (channel === 'all' ? 'every channel' : channel)).join(' and ');
  const scope = `${channels} ${event.purpose === 'all' ? 'for every purpose' : event.purpose}`;
  switch (event.act) {
    case 'opt_out': return `opt-out of ${channels} ${way}: ${scope} withdrawn${suppressed ? `, number suppressed for ${channels}` : ''}`;
    case 'grant': return `consent to ${scope} ${way}: ${effect === 'waiting' ? 'waits, because a withdrawal stands' : 'recorded'}`;
    case 'start': return `START ${way}: ${scope} granted, opt-outs of ${channels} ended`;
    case 'unclear': return `unclear statement ${way}: contact frozen until it is read`;
    case 'erasure': return `wish to be forgotten ${way}: erasure requested`;
    default: return `${event.act} ${way}`;
  }
}
