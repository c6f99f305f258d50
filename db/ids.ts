import { v7 } from 'uuid';

/** A new id: UUIDv7, ordered by time within and across processes to the millisecond, and saying nothing about anybody. */
export function newId(): string {
  return v7();
}
