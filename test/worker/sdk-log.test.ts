import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { sdkLogger } from '../../worker/sdk-log.ts';

const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

it('passes on what the SDK warns of, but for a worker that has no workflows on purpose', () => {
  const logged: unknown[] = [];
  const note = (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg);
  const log = pino({ base: null, timestamp: false }, { write: note });
  const sdk = sdkLogger(log, ['leads-webhooks', 'leads-questions']);
  sdk.warn(NO_WORKFLOWS, { taskQueue: 'leads-webhooks' });
  sdk.warn(NO_WORKFLOWS, { taskQueue: 'leads-questions' });
  sdk.warn(NO_WORKFLOWS, { taskQueue: 'leads' });
  sdk.warn('Worker connection lost', { taskQueue: 'leads-webhooks' });
  sdk.info('Worker state changed');
  expect(logged).toEqual([NO_WORKFLOWS, 'Worker connection lost']);
});
