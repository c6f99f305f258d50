import { consentLedgers } from '../../db/consents.ts';
import type { Tx } from '../../db/connection.ts';
import { standingRefusals } from '../../db/disposal-work.ts';
import { insertSuppression } from '../../db/suppressions.ts';
import { refusalsOf, type LedgerRefusal } from '../../domain/disposal.ts';

/**
 * Keeps what persons have refused where only their ledger says so, or a statement that nobody has settled: as a suppression of
 * the number, which outlives the ledger. Of somebody whom nobody can ask any more, unclear words are taken for what they may
 * mean.
 */
export async function keepRefusals(tx: Tx, leads: readonly { leadId: string; token: bigint }[], now: Date): Promise<void> {
  const ids = leads.map(({ leadId }) => leadId);
  const ledgers = await consentLedgers(tx, ids);
  const { suppressions, statements } = await standingRefusals(tx, ids, leads.map(({ token }) => token));
  for (const { leadId, token } of leads) {
    const own = statements.filter((statement) => statement.leadId === leadId);
    const said = [
      ...refusalsOf(ledgers.get(leadId) ?? [], now),
      ...own.map(({ channel, statedAt }) => ({ channel, since: statedAt })),
    ];
    const standing = new Set(suppressions.filter((each) => each.token === token).map(({ channel }) => channel));
    for (const { channel, since } of unsaid(said, standing)) {
      await insertSuppression(tx, { token, kind: 'opt_out', channel, reported_at: since, received_at: now, via: 'disposal' });
    }
  }
}

/** Each refusal once, but for what stands already; one on every channel speaks for all. */
function unsaid(said: readonly LedgerRefusal[], standing: ReadonlySet<string>): LedgerRefusal[] {
  const all = said.find(({ channel }) => channel === 'all');
  const each = [...new Map(said.map((refusal) => [refusal.channel, refusal])).values()];
  return (all ? [all] : each).filter(({ channel }) => !standing.has(channel) && !standing.has('all'));
}
