import { Client } from 'pg';

/** How much a store holds, for the screen. */
export interface StoreCounts {
  leads: number;
  /** Whether there are more leads than were counted. */
  more: boolean;
  sources: number;
  /** The sources that are not of the sample. */
  ownSources: number;
  /** The do-not-call lists in force, each with how many numbers and how many leads are on it. */
  lists: { id: string; numbers: number; leads: number }[];
}

const COUNTED_AT_MOST = 100_000;

/** Counts leads, sources and lists; leads only so far that a large store does not delay the start. */
export async function countStore(databaseUrl: string): Promise<StoreCounts> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ leads: number; sources: number; own: number }>(`
      select (select count(*)::int from (select from lead limit ${COUNTED_AT_MOST + 1}) as counted) as leads,
             (select count(*)::int from source) as sources,
             (select count(*)::int from source where not starts_with(id, 'sample-')) as own`);
    const { leads = 0, sources = 0, own = 0 } = rows[0] ?? {};
    const { rows: lists } = await client.query<StoreCounts['lists'][number]>(`
      select l.id, coalesce(r.numbers, 0)::float8 as numbers,
             (select count(*)::int from dnc_hit where list_id = l.id and freed_by is null) as leads
      from dnc_list l join dnc_release r on r.id = l.release_id order by l.id`);
    return { leads: Math.min(leads, COUNTED_AT_MOST), more: leads > COUNTED_AT_MOST, sources, ownSources: own, lists };
  } finally {
    await client.end();
  }
}
