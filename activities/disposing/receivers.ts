import { receiversOf, type Receivers } from '../../db/disposal-work.ts';
import type { Db } from '../../db/connection.ts';
import type { ForgettingStore, StoreAnswer, ToForget } from '../../endings/disposal/forgetting-store.ts';

/**
 * The systems that receive webhooks. They are told by an event of their own when a disposal begins; a 2xx acknowledges it. Asking
 * is looking how that goes: an endpoint that was removed is nobody's any more, one that stays silent takes a person.
 */
export const receivers: ForgettingStore = {
  store: 'crm',
  async forget(db: Db, whom: readonly ToForget[]) {
    const leadOf = new Map(whom.map(({ disposalId, leadId }) => [disposalId, leadId]));
    const found = await receiversOf(db, [...leadOf.keys()]);
    return new Map(found.map((each) => [leadOf.get(each.id) as string, answerOf(each)]));
  },
  findRemains: () => Promise.resolve(new Set<string>()),
};

function answerOf({ told, acknowledged, removed, waiting, silent, lastAcknowledgedAt }: Receivers): StoreAnswer {
  const evidence = { told, acknowledged, removed, lastAcknowledgedAt: lastAcknowledgedAt?.toISOString() ?? null };
  if (silent > 0) return { problem: 'not_acknowledged', evidence };
  return waiting > 0 ? { problem: 'waits_for_answer', evidence } : { problem: null, evidence };
}
