import type { Tx } from '../db/connection.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { insertSuppression, standingOptOuts } from '../db/suppressions.ts';
import type { Vault } from '../db/vault.ts';
import { CHANNELS, type Channel, type Purpose } from '../domain/consent.ts';
import { ownEvent, type OwnAct } from './confirmations.ts';
import { recordConsentEvent, recordWithdrawal } from './consents.ts';
import { liftNumber } from './suppressions.ts';

/** How what a person does on their own page is named in the ledger. */
export const OWN_PAGE = 'preferences_page';

/** The person allows a channel and purpose again: a grant for exactly that, and the end of their own opt-outs from it. */
export async function allowAgain(
  tx: Tx, vault: Vault, lead: LockedLead, scope: { channel: Channel; purpose: Purpose }, act: OwnAct, now: Date,
): Promise<void> {
  await endOptOuts(tx, vault, lead, scope.channel, now);
  const event = {
    ...ownEvent(lead, 'express_written', now), ...scope, kind: 'granted' as const, expires_at: null, text_version: act.textVersion, method: OWN_PAGE,
  };
  const said = `allowed again by the person: ${scope.purpose} by ${scope.channel}, through the preferences page`;
  await recordConsentEvent(tx, vault, event, { ...act, method: OWN_PAGE }, now, said);
}

/** The person withdraws what they allowed, for a channel and purpose or for everything. */
export async function withdrawOwn(
  tx: Tx, vault: Vault, lead: LockedLead, scope: { channel: Channel | 'all'; purpose: Purpose | 'all' }, via: string, now: Date,
): Promise<void> {
  await recordWithdrawal(tx, vault, lead, { ...scope, revokedAt: now, via, statement: null }, now);
}

/**
 * Ends the opt-outs and complaints of a person from a channel, at their own wish. One from every channel goes on for the others;
 * wrong numbers and litigants are not the person's to end.
 */
async function endOptOuts(tx: Tx, vault: Vault, lead: LockedLead, channel: Channel, now: Date): Promise<void> {
  const ground = { reason: 'The person allowed it again.', evidence: { method: OWN_PAGE }, by: 'person' };
  for (const optOut of await standingOptOuts(tx, lead.token, channel)) {
    await liftNumber(tx, vault, optOut.id, ground, now);
    const others = optOut.channel === 'all' ? CHANNELS.filter((other) => other !== channel) : [];
    const { token, kind, reported_at, via } = optOut;
    for (const other of others) await insertSuppression(tx, { token, kind, channel: other, reported_at, received_at: now, via });
  }
}
