import type { Db } from '../../db/connection.ts';
import { findLeadsByToken } from '../../db/leads.ts';
import { askTogether } from '../../db/pipeline.ts';
import { currentSettings } from '../../db/settings.ts';
import type { Vault } from '../../db/vault.ts';
import { loadAddressees, openOptOuts } from '../../db/webhook-events.ts';
import type { WebhookAct } from '../../domain/webhook.ts';
import { peopleByToken } from './people.ts';
import type { PlanGround } from './plan.ts';

/**
 * Reads what has to be known about the people behind some numbers to plan events of some kinds: in one breath with whatever was
 * asked just before, such as the locks of the numbers.
 */
export async function readGround(
  db: Db, vault: Vault, tokens: readonly string[], acts: ReadonlySet<WebhookAct>,
): Promise<PlanGround> {
  const [rows, current] = await askTogether(
    db,
    () => loadAddressees(db, { tokens: [...tokens] }),
    async () => (acts.has('grant') ? currentSettings(db) : null),
  );
  const optOuts = acts.has('start') ? await openOptOuts(db, tokens) : [];
  const people = peopleByToken(rows);
  const shared = [...people].filter(([, found]) => found.length > 1).map(([token]) => token);
  const opened = shared.length === 0 ? [] : await findLeadsByToken(db, vault, shared);
  const phones = new Map(opened.flatMap(({ id, phone }) => (phone === null ? [] : [[id, phone] as const])));
  return { vault, people, phones, settings: current?.settings ?? null, optOuts };
}
