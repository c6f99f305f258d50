import { bringBack, readEndingLeads, takeLeads, wantedAgain, type SealedRow } from '../../db/archive.ts';
import { settleNames } from '../../intake/webhook/waiting.ts';
import { isArchived, readBundle, type ArchivedLead } from './archived-bundle.ts';
import { removeObjects, type Archiving, type Passage } from './archiving.ts';

interface Opened {
  lead: ArchivedLead;
  rows: SealedRow[];
}

/**
 * Brings archived leads back: what their bundles hold goes into the hot tables again, beside what has come in since. A retrieval
 * leaves the bundle where it is until the lead returns; for a lead that was acquired again it is removed. What was said meanwhile
 * by somebody who is known by e-mail address only is done before anybody can be contacted.
 */
export async function bringBackLeads(
  returning: Omit<Archiving, 'stillDue'>, leadIds: readonly string[],
): Promise<Map<string, Passage>> {
  const { db } = returning;
  const passages = new Map<string, Passage>(leadIds.map((id) => [id, 'done']));
  const leads = (await readEndingLeads(db, leadIds)).filter(isArchived);
  const read = await Promise.all(leads.map((lead) => readBundle(returning, lead)));
  const opened: Opened[] = [];
  for (const [nth, lead] of leads.entries()) {
    const rows = read[nth] ?? 'store';
    passages.set(lead.id, typeof rows === 'string' ? rows : 'again');
    if (typeof rows !== 'string') opened.push({ lead, rows });
  }
  if (opened.length === 0) return passages;
  const { back, givenUp } = await putBack(returning, opened);
  for (const id of back) passages.set(id, 'done');
  await removeObjects(returning, givenUp);
  return passages;
}

async function putBack(
  { db, vault, now }: Omit<Archiving, 'stillDue'>, opened: readonly Opened[],
): Promise<{ back: string[]; givenUp: string[] }> {
  return db.transaction().execute(async (tx) => {
    const at = now();
    const taken = await takeLeads(tx, opened.map(({ lead: { id, token } }) => ({ id, token })));
    const standing = new Map((await readEndingLeads(tx, [...taken])).filter(isArchived).map((lead) => [lead.id, lead]));
    const mine = opened.filter(({ lead }) => standing.get(lead.id)?.bundle.object === lead.bundle.object);
    const wanted = await wantedAgain(tx, mine.map(({ lead }) => lead.id), at);
    const returns = mine.map(({ lead: { id }, rows }) => ({ leadId: id, rows, isForGood: wanted.has(id) }));
    const givenUp = returns.length === 0 ? [] : await bringBack(tx, returns, at);
    const tokensByName = new Map<bigint, bigint[]>();
    for (const { lead, rows } of mine) {
      for (const { emailToken: name } of rows) {
        if (name !== null) tokensByName.set(name, [...(tokensByName.get(name) ?? []), lead.token]);
      }
    }
    await settleNames(tx, vault, tokensByName, at);
    return { back: mine.map(({ lead }) => lead.id), givenUp };
  });
}
