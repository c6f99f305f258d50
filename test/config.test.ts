import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config.ts';

const SHIFTED = { LEADWARDEN_TIME_SHIFT: 'P18M' };

describe('the environment', () => {
  it('may be empty, or say nothing by an empty value', () => {
    expect(loadConfig({}).relay).toEqual({ rate: 100, rateDuringImport: 0.2 });
    expect(loadConfig({ PORT: '', LOG_LEVEL: '' })).toMatchObject({ port: undefined, logLevel: 'info' });
  });

  it('is refused with all that is wrong at once, and without the values, which may be secrets', () => {
    const wrong = { PORT: 'http', DATABASE_URL: 'mysql://root:hunter2@db/x', LEADWARDEN_TIME_SHIFT: '18 months' };
    expect(() => loadConfig(wrong)).toThrow(/PORT[^]*DATABASE_URL|DATABASE_URL[^]*PORT/);
    expect(() => loadConfig(wrong)).toThrow(/LEADWARDEN_TIME_SHIFT/);
    expect(() => loadConfig(wrong)).not.toThrow(/hunter2|18 months/);
  });
});

describe('shifting the clock for a rehearsal', () => {
  it.each([
    SHIFTED,
    { ...SHIFTED, DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/d' },
    { ...SHIFTED, DATABASE_URL: 'postgresql://localhost/d', TEMPORAL_ADDRESS: 'localhost:7233' },
    { ...SHIFTED, DATABASE_URL: 'postgres://u@[::1]/d', TEMPORAL_ADDRESS: '[::1]:7233' },
    { ...SHIFTED, DATABASE_URL: 'postgres://u@localhost/d?host=/var/run/postgresql' },
    { DATABASE_URL: 'postgres://db.example.com/d', TEMPORAL_ADDRESS: 'temporal.example.com:7233' },
  ])('is allowed where the store is on this machine, and nothing is asked where it is not shifted: %j', (environment) => {
    expect(() => loadConfig(environment)).not.toThrow();
  });

  it.each([
    ['DATABASE_URL', { ...SHIFTED, DATABASE_URL: 'postgres://db.example.com/d' }],
    ['DATABASE_URL', { ...SHIFTED, DATABASE_URL: 'postgres://localhost/d?host=db.example.com' }],
    ['DATABASE_URL', { ...SHIFTED, DATABASE_URL: 'postgres://localhost.example.com/d' }],
    ['TEMPORAL_ADDRESS', { ...SHIFTED, TEMPORAL_ADDRESS: 'ns.a1b2c.tmprl.cloud:7233' }],
  ])('is refused where %s names another machine', (variable, environment) => {
    expect(() => loadConfig(environment)).toThrow(new RegExp(`${variable}: may be a real store`));
  });
});
