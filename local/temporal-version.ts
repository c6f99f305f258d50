import { readFileSync } from 'node:fs';

/** The Go module that the Temporal program is built from, where there is no other way to it. */
export const TEMPORAL_MODULE = new URL('./temporal/', import.meta.url);

/** The version of the Temporal program that this product is tested with: the one that the Go module requires, as `1.8.2`. */
export function temporalVersion(): string {
  const module = readFileSync(new URL('go.mod', TEMPORAL_MODULE), 'utf8');
  const version = /github\.com\/temporalio\/cli v(\S+)/.exec(module)?.[1];
  if (version === undefined) throw new Error('go.mod does not name the version of the Temporal program');
  return version;
}
