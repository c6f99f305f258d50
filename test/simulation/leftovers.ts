import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { sql } from 'kysely';
import { sweepArchive } from '../../endings/archive/sweep.ts';
import { readJournal } from '../../endings/journal/folder-journal.ts';
import { verifyProof } from '../../proof/verify.ts';
import { placeOf } from '../endings/archive-house.ts';
import type { House } from '../setup/house.ts';

/** How many leads are looked at together. */
const TOGETHER = 500;

interface Remains {
  id: string;
  isWhole: boolean;
  certificate: unknown;
}

/**
 * What should not be there, or is not and should, in a few words and the lead's id: of those that were disposed of no key,
 * record, bundle or pseudonym, but a certificate and an entry in the journal; all others whole, in one place. Empties the archive
 * of what is nobody's first, as the product does within the hour.
 */
export async function findLeftovers(
  house: House, { disposed, standing }: { disposed: readonly string[]; standing: readonly string[] }, at: Date,
): Promise<string[]> {
  while ((await sweepArchive({ db: house.db, store: house.archive }, at)) > 0);
  const wrong: string[] = [];
  for (let from = 0; from < disposed.length; from += TOGETHER) {
    wrong.push(...await remainsOf(house, disposed.slice(from, from + TOGETHER)));
  }
  for (const leadId of standing) {
    await placeOf(house, house.archive, leadId).catch((error: unknown) => void wrong.push(`${leadId}: ${String(error)}`));
  }
  return [...wrong, ...await filesAmiss(house), ...await unjournaled(house, disposed, standing)];
}

async function remainsOf({ db, signing }: House, leadIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<Remains>`
    select gone.id, disposal.certificate,
      lead.token is not null or lead.disposed_at is null or disposal.completed_at is null
        or exists (select 1 from personal_data where lead_id = gone.id)
        or exists (select 1 from keyring.subject_key where lead_id = gone.id)
        or exists (select 1 from archive_bundle where lead_id = gone.id)
        or exists (select 1 from archive_stray where lead_id = gone.id)
        or exists (select 1 from clearance where lead_id = gone.id and person <> decode(repeat('00', 32), 'hex'))
        or exists (select 1 from subject_request where lead_id = gone.id and token is not null) as "isWhole"
    from unnest(${leadIds}::uuid[]) gone (id) join lead on lead.id = gone.id left join disposal on disposal.lead_id = gone.id`.execute(db);
  const trusted = signing.published.map(({ x }) => x);
  const wrong = rows.flatMap(({ id, isWhole, certificate }) => [
    ...(isWhole ? [`${id}: something is left`] : []),
    ...(verifyProof(certificate, { trusted }).valid ? [] : [`${id}: no certificate that holds`]),
  ]);
  return rows.length === leadIds.length ? wrong : [...wrong, 'a lead has lost its row, or has two disposals'];
}

/** The files of the archive have to be the bundles on record, and no others. */
async function filesAmiss({ db, archiveFolder }: House): Promise<string[]> {
  const found = await readdir(archiveFolder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Set(found.filter((each) => each.isFile()).map(({ name }) => name));
  const rows = await db.selectFrom('archive_bundle').select('object').execute();
  const bundles = new Set(rows.map(({ object }) => basename(object)));
  return [
    ...[...files].filter((name) => !bundles.has(name)).map((name) => `${name}: nobody's`),
    ...[...bundles].filter((name) => !files.has(name)).map((name) => `${name}: not in the archive`),
  ];
}

async function unjournaled(
  { journalFolder }: House, disposed: readonly string[], standing: readonly string[],
): Promise<string[]> {
  const noted = new Set<string>();
  for await (const portion of readJournal(journalFolder)) {
    for (const entry of portion) if (entry.kind === 'disposal') noted.add(entry.leadId);
  }
  return [
    ...disposed.filter((id) => !noted.has(id)).map((id) => `${id}: not in the journal`),
    ...standing.filter((id) => noted.has(id)).map((id) => `${id}: in the journal, and not gone`),
  ];
}
