import {
  countFacts, digestsOfRows, moveToArchive, readEndingLeads, sealedRowsOf, takeLeads, wantedAgain,
  type EndingLead, type NewBundle, type SealedRow,
} from '../../db/archive.ts';
import { announceObjects, forgetStrays, keepObjects } from '../../db/archive-strays.ts';
import type { Db, Tx } from '../../db/connection.ts';
import { numberCheck, open, type Vault, type WrappedKey } from '../../db/vault.ts';
import type { ArchiveStore } from './archive-store.ts';
import { isArchived, readBundle } from './archived-bundle.ts';
import { bundleOf, digestOfRows, rowsOf, sha256Of } from './bundle.ts';
import { newObjectName } from './object-name.ts';

const NO_ROWS = digestOfRows([]);

/** How far a lead has come on its way into the archive, or out of it. */
export type Passage =
  | 'done'
  /** The store did not answer. */
  | 'store'
  /** The bundle is not in the store, or is not what was put there. */
  | 'bundle'
  /** Somebody else was at work on the lead, or something happened to it: it is to be looked at again. */
  | 'again';

export interface Archiving {
  db: Db;
  vault: Vault;
  store: ArchiveStore;
  /** Which of some leads are due to be archived still. They are locked, and read in this transaction. */
  stillDue(this: void, tx: Tx, leadIds: readonly string[], at: Date): Promise<Set<string>>;
  now: () => Date;
}

/** A bundle on its way, with what it was made of. */
interface Draft extends Omit<NewBundle, 'verifiedAt' | 'acquisitions' | 'grants'> {
  token: bigint;
  key: Buffer;
  bytes: Buffer;
  /** Digest of what it holds, and of that what lay in the hot tables. */
  whole: Buffer;
  rows: Buffer;
  /** The bundle that what it holds began in; null where the lead was not archived. */
  before: string | null;
}

/**
 * Archives leads: seals all personal data of each into one bundle, puts it into the store, reads it back, opens it, and only then
 * takes the rows out of the hot tables, unless anything was added since. Of a lead that is archived, what has come in since joins
 * the rest. It can be stopped at any point and begun again: until that last transaction nothing has changed but that the store
 * holds an object which nobody refers to.
 */
export async function archiveLeads(archiving: Archiving, leadIds: readonly string[]): Promise<Map<string, Passage>> {
  const { db, store, now } = archiving;
  const passages = new Map<string, Passage>(leadIds.map((id) => [id, 'done']));
  const known = (await readEndingLeads(db, leadIds)).filter(isAlive);
  const away = known.filter(({ archivedAt }) => archivedAt !== null).map(({ id }) => id);
  const wanted = away.length === 0 ? null : await wantedAgain(db, away, now());
  const leads = known.filter(({ id, archivedAt }) => archivedAt === null || wanted?.has(id));
  const rows = await sealedRowsOf(db, leads.map(({ id }) => id));
  const drafts: Draft[] = [];
  await Promise.all(leads.map(async (lead) => {
    const archived = isArchived(lead) ? await readBundle(archiving, lead) : [];
    const draft = typeof archived === 'string' ? archived : draftOf(archiving, lead, rows.get(lead.id) ?? [], archived);
    if (typeof draft === 'string') passages.set(lead.id, draft);
    else drafts.push(draft);
  }));
  await announceObjects(db, drafts, now());
  const verified: Draft[] = [];
  const found = await Promise.all(drafts.map((draft) => putAndVerify(store, draft)));
  for (const [nth, draft] of drafts.entries()) {
    passages.set(draft.leadId, found[nth] ?? 'store');
    if (found[nth] === 'done') verified.push(draft);
  }
  const moved = verified.length === 0 ? { leads: new Set<string>(), replaced: [] } : await takeOver(archiving, verified);
  for (const { leadId } of verified) if (!moved.leads.has(leadId)) passages.set(leadId, 'again');
  // What the store did not answer for may still come to lie there: that is left to the sweep.
  const unused = drafts.filter(({ leadId }, nth) => found[nth] !== 'store' && !moved.leads.has(leadId)).map(({ object }) => object);
  await removeObjects(archiving, [...unused, ...moved.replaced]);
  return passages;
}

type LivingLead = EndingLead & { token: bigint; key: NonNullable<EndingLead['key']> };

function isAlive(lead: EndingLead): lead is LivingLead {
  return lead.disposedAt === null && lead.token !== null && lead.key !== null;
}

/** The bundle that the personal data of a lead is in; null where it is in the hot tables. */
function bundleInUse({ archivedAt, bundle }: EndingLead): string | null {
  return archivedAt !== null && bundle?.isInUse === true ? bundle.object : null;
}

/**
 * The bundle of a lead, of its rows in the hot tables and what was archived before, with what it takes to check and recognise it.
 * `bundle` where its first record is missing or does not open.
 */
function draftOf(
  { vault, now }: Archiving, lead: LivingLead, rows: readonly SealedRow[], archived: readonly SealedRow[],
): Draft | 'bundle' {
  const { id: leadId, token, key: stored } = lead;
  const all = inOrder([...archived, ...rows]);
  const opened = openNumber(vault, leadId, stored, all);
  if (!opened) return 'bundle';
  const { key, phone } = opened;
  const bytes = bundleOf(key, leadId, all);
  return {
    leadId, token, key, bytes,
    object: newObjectName(leadId),
    sha256: sha256Of(bytes),
    size: bytes.length,
    records: all.length,
    whole: digestOfRows(all),
    rows: digestOfRows(rows),
    before: bundleInUse(lead),
    numberCheck: numberCheck(key, phone),
    storedAt: now(),
  };
}

/** Of each fact and tier the row that came last, in the order of facts and tiers. */
function inOrder(rows: readonly SealedRow[]): SealedRow[] {
  const placed = new Map(rows.map((row) => [`${row.factId} ${row.tier}`, row]));
  return [...placed].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

function openNumber(
  vault: Vault, leadId: string, stored: WrappedKey, rows: readonly SealedRow[],
): { key: Buffer; phone: string } | null {
  const first = rows.find(({ factId, tier }) => factId === leadId && tier === 2);
  if (!first) return null;
  try {
    const key = vault.unwrapKey(leadId, stored);
    const { phone } = JSON.parse(open(key, { leadId, factId: leadId, tier: 2 }, first.sealed)) as { phone: string };
    return { key, phone };
  } catch {
    return null;
  }
}

/** What the store gives back has to be the same bytes, and open to the same rows. */
async function putAndVerify(store: ArchiveStore, { object, bytes, sha256, key, leadId, whole }: Draft): Promise<Passage> {
  try {
    await store.put(object, bytes);
    const kept = await store.get(object);
    if (kept === null || !sha256Of(kept).equals(sha256)) return 'bundle';
    return digestOfRows(rowsOf(key, leadId, kept)).equals(whole) ? 'done' : 'bundle';
  } catch {
    return 'store';
  }
}

/** Takes the rows out of the hot tables, where they are those of the bundle still and the lead is due still. */
async function takeOver(
  { db, stillDue, now }: Archiving, drafts: readonly Draft[],
): Promise<{ leads: Set<string>; replaced: string[] }> {
  return db.transaction().execute(async (tx) => {
    const at = now();
    const taken = await takeLeads(tx, drafts.map(({ leadId, token }) => ({ id: leadId, token })));
    const mine = drafts.filter(({ leadId }) => taken.has(leadId));
    const ids = mine.map(({ leadId }) => leadId);
    const standing = new Map((await readEndingLeads(tx, ids)).filter(isAlive).map((lead) => [lead.id, bundleInUse(lead)]));
    const kept = await keepObjects(tx, mine.map(({ object }) => object));
    const digests = await digestsOfRows(tx, ids);
    const due = await stillDue(tx, ids, at);
    const counts = await countFacts(tx, ids);
    const whole = mine.flatMap(({ key: _, bytes: __, whole: ___, token: ____, rows, before, ...draft }) => {
      const { leadId, object } = draft;
      const facts = counts.get(leadId);
      const isSame = (digests.get(leadId) ?? NO_ROWS).equals(rows) && kept.has(object) && standing.get(leadId) === before;
      return facts && isSame && due.has(leadId) ? [{ ...draft, ...facts, verifiedAt: at }] : [];
    });
    const replaced = whole.length === 0 ? [] : await moveToArchive(tx, whole, at);
    return { leads: new Set(whole.map(({ leadId }) => leadId)), replaced };
  });
}

/** Removes objects that nobody refers to and nobody will. Where the store does not answer, the sweep comes back to them. */
export async function removeObjects({ db, store }: Pick<Archiving, 'db' | 'store'>, objects: readonly string[]): Promise<void> {
  const results = await Promise.allSettled(objects.map((object) => store.remove(object)));
  await forgetStrays(db, objects.filter((_, nth) => results[nth]?.status === 'fulfilled'));
}
