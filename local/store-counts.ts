import { Client } from 'pg';

/** How much a store holds, for the screen. */
export interface StoreCounts {
  leads: number;
  /** Whether there are more leads than were counted. */
  more: boolean;
  sources: number;
  /** The sources that are not of the sample. */
  ownSources: number;
}

const COUNTED_AT_MOST = 100_000;

/** Counts leads and sources; leads only so far that a large store does not delay the start. */
export async function countStore(databaseUrl: string): Promise<StoreCounts> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ leads: number; sources: number; own: number }>(`
      select (select count(*)::int from (select from lead limit ${COUNTED_AT_MOST + 1}) as counted) as leads,
             (select count(*)::int from source) as sources,
             (select count(*)::int from source where not starts_with(id, 'sample-')) as own`);
    const { leads = 0, sources = 0, own = 0 } = rows[0] ?? {};
    return { leads: Math.min(leads, COUNTED_AT_MOST), more: leads > COUNTED_AT_MOST, sources, ownSources: own };
  } finally {
    await client.end();
  }
}
