import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID = 16;
const pool = Buffer.alloc(256 * ID);
let used = pool.length;
let latest = 0;
let sequence = 0;

/**
 * A new id: UUIDv7, ordered by time across processes to the millisecond and within one in the order of making, and saying
 * nothing about anybody. Random bytes are taken from a pool: asking the system for sixteen at a time costs more than the id.
 */
export function newId(): string {
  const random = takeRandom();
  // eslint-disable-next-line no-restricted-syntax -- an id tells when it was made, which is now on any clock of ours
  const now = Date.now();
  if (now > latest) {
    latest = now;
    sequence = random.readUInt32BE() >>> 1;
  } else {
    sequence += 1;
  }
  return v7({ msecs: latest, seq: sequence, random });
}

function takeRandom(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID;
  return pool.subarray(used - ID, used);
}
