import { insertConfirmationRequest } from '../db/confirmations.ts';
import type { Tx } from '../db/connection.ts';
import { insertConsentEvent } from '../db/consents.ts';
import { publish } from '../db/subscriber-events.ts';
import type { AskedConsents } from '../domain/confirmation.ts';
import type { Review } from '../domain/review.ts';

/**
 * Puts down what a review found due: the requests that a person is to be sent, and the consents that nobody confirmed in time.
 * Answers whether there was anything, so that the review looks again. The lead is locked.
 */
export async function putDownAsking(tx: Tx, leadId: string, { ask, lapse, renew }: Review, at: Date): Promise<boolean> {
  for (const { channel, purpose } of lapse) await insertConsentEvent(tx, { ...lapsed(leadId, at), channel, purpose });
  if (ask.length > 0) await insertConfirmationRequest(tx, { leadId, kind: 'confirmation', consentIds: idsOf(ask) }, at);
  if (renew.length > 0) {
    const factId = await insertConfirmationRequest(tx, { leadId, kind: 'renewal', consentIds: idsOf(renew) }, at);
    await publish(tx, [{ type: 'consent.renewal-due', leadId, factId, at }], at);
  }
  return ask.length + lapse.length + renew.length > 0;
}

function idsOf(asked: readonly AskedConsents[]): string[] {
  return asked.flatMap(({ consentIds }) => consentIds);
}

function lapsed(leadId: string, at: Date) {
  return {
    lead_id: leadId, acquisition_id: null, kind: 'expired' as const, grade: 'implied' as const, effect: 'in_force' as const,
    happened_at: at, received_at: at, expires_at: null, confirmation: 'none' as const, text_version: null, via: 'no confirmation',
  };
}
