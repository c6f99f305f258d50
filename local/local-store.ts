import { StartFailure } from './start-failure.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

interface StoreAddresses {
  timeShift: string | undefined;
  databaseUrl: string | undefined;
  temporal: { address: string | undefined };
}

/**
 * Fails when the clock is shifted for a rehearsal while the store is somewhere else: it may be the real one, and leads would
 * be archived and disposed of before their time.
 */
export function refuseShiftOfRemoteStore({ timeShift, databaseUrl, temporal }: StoreAddresses): void {
  if (timeShift === undefined) return;
  const remote = [
    databaseUrl !== undefined && !isLocal(databaseHost(databaseUrl)) ? 'DATABASE_URL' : '',
    temporal.address !== undefined && !isLocal(temporal.address.replace(/:\d+$/, '')) ? 'TEMPORAL_ADDRESS' : '',
  ].filter(Boolean);
  if (remote.length === 0) return;
  throw new StartFailure(
    'The clock cannot be shifted here.',
    `${remote.join(' and ')} may be a real store, whose leads would be archived and disposed of before their time`,
    'leave LEADWARDEN_TIME_SHIFT out, or rehearse on a copy of the store on this machine',
  );
}

/** A name of this machine, or the folder of a Unix socket. */
function isLocal(host: string): boolean {
  return LOOPBACK.has(host) || host.startsWith('/');
}

/** Where the connection really goes: a `host` parameter outdoes the address. */
function databaseHost(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return url.searchParams.get('host') ?? url.hostname;
}
