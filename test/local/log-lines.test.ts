import { describe, expect, it } from '@jest/globals';
import { formatLine, readableLine } from '../../local/log-lines.ts';

const TIME = new Date(2026, 10, 22, 12, 0, 1).getTime();

describe('the readable log', () => {
  it('shows a request as method, route, status and time', () => {
    const asked = { requestId: 'r', operation: 'o', method: 'POST', route: '/v1/leads', status: 201, ms: 12.3 };
    const entry = { level: 30, time: TIME, ...asked, msg: 'request' };
    expect(readableLine('api', JSON.stringify(entry))).toBe('12:00:01 api      POST /v1/leads 201 12 ms');
  });

  it('adds the code of a refusal and marks what is wrong with us', () => {
    const entry = { level: 50, time: TIME, method: 'GET', route: '/readyz', status: 503, ms: 2, problem: 'unavailable' };
    expect(readableLine('api', JSON.stringify(entry))).toBe('12:00:01 api      ! GET /readyz 503 2 ms unavailable');
  });

  it('shows any other event as its message and fields', () => {
    const entry = { level: 30, time: TIME, process: 'worker', msg: 'the worker is ready', taskQueue: 'leadwarden' };
    expect(readableLine('worker', JSON.stringify(entry))).toBe('12:00:01 worker   the worker is ready taskQueue=leadwarden');
  });

  it.each(['no JSON at all', '{ half a line', ''])('passes on what is no log entry: %p', (line) => {
    expect(readableLine('api', line)).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d api +${line}$`));
  });

  it('is one line per event', () => {
    expect(readableLine('api', JSON.stringify({ time: TIME, msg: 'one\ntwo' }))).not.toContain('\n');
    expect(formatLine(new Date(TIME), 'start', 'x')).toBe('12:00:01 start    x');
  });
});
