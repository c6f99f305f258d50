import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { takeLock, tryLock } from '../../local/lock.ts';
import { runFolder } from '../setup/suite.ts';

describe('a lock', () => {
  it('belongs to one holder at a time', async () => {
    const file = join(runFolder(), 'one.lock');
    const first = tryLock(file);
    expect(first).not.toBeNull();
    expect(tryLock(file)).toBeNull();
    expect(await takeLock(file, 150)).toBeNull();
    first?.release();
    const second = tryLock(file);
    expect(second).not.toBeNull();
    second?.release();
  });
});
