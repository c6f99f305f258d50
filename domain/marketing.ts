import type { Question } from './clearance.ts';
import type { Channel } from './consent.ts';

/** The plainest question there is: may this seller market to the person on this channel, by hand? What plans and lists go by. */
export function marketingQuestion(seller: string, channel: Channel): Question {
  return { channel, purpose: 'marketing', campaign: null, seller, dialerMode: 'manual', callerId: null };
}
