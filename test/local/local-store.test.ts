import { describe, expect, it } from '@jest/globals';
import { refuseShiftOfRemoteStore } from '../../local/local-store.ts';

const LOCAL = { timeShift: 'P18M', databaseUrl: undefined, temporal: { address: undefined } };

describe('shifting the clock for a rehearsal', () => {
  it.each([
    LOCAL,
    { ...LOCAL, databaseUrl: 'postgres://u:p@127.0.0.1:5432/d' },
    { ...LOCAL, databaseUrl: 'postgresql://localhost/d', temporal: { address: 'localhost:7233' } },
    { ...LOCAL, databaseUrl: 'postgres://u@[::1]/d', temporal: { address: '[::1]:7233' } },
    { ...LOCAL, databaseUrl: 'postgres://u@localhost/d?host=/var/run/postgresql' },
    { timeShift: undefined, databaseUrl: 'postgres://db.example.com/d', temporal: { address: 'temporal.example.com:7233' } },
  ])('is allowed where the store is on this machine, and nothing is asked where it is not shifted: %j', (addresses) => {
    expect(() => refuseShiftOfRemoteStore(addresses)).not.toThrow();
  });

  it.each([
    ['DATABASE_URL', { ...LOCAL, databaseUrl: 'postgres://db.example.com/d' }],
    ['DATABASE_URL', { ...LOCAL, databaseUrl: 'postgres://localhost/d?host=db.example.com' }],
    ['DATABASE_URL', { ...LOCAL, databaseUrl: 'postgres://localhost.example.com/d' }],
    ['TEMPORAL_ADDRESS', { ...LOCAL, temporal: { address: 'ns.a1b2c.tmprl.cloud:7233' } }],
  ])('is refused where %s names another machine', (variable, addresses) => {
    expect(() => refuseShiftOfRemoteStore(addresses)).toThrow(new RegExp(`${variable} may be a real store[^]*what to do: `));
  });
});
