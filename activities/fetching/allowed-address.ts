import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isAllowed, isAllowedUrl } from '../../intake/outward-address.ts';
import { FetchFailure } from './list-fetcher.ts';

/** Refuses an address of the wrong kind: see `isAllowedUrl`. */
export function requireAllowedUrl(url: URL, allowsPrivate: boolean): void {
  if (!isAllowedUrl(url, allowsPrivate)) throw new FetchFailure('address_refused');
}

/** Finds the addresses of a name as they are when the connection is made: a name that points inwards is not followed. */
export function guardedLookup(allowsPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isAllowed(address, allowsPrivate))) {
        return callback(new FetchFailure('address_refused'), []);
      }
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
