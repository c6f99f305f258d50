import type { ServerResponse } from 'node:http';
import { pingStore } from '../db/ping.ts';
import type { ApiContext } from './context.ts';
import { exchangeOf } from './exchange.ts';
import { unavailable } from './failures.ts';
import { LIMITS } from './limits.ts';
import type { Refusing } from './refusals.ts';
import type { Incoming, Step } from './step.ts';

/**
 * Refuses whoever has waited long for a database that neither answers nor fails, as one does that is frozen or cut off: callers
 * get the same 503 as when it is down, and can try again. Requests that take long while it answers are left alone.
 */
export function endWaitingInVain(context: Pick<ApiContext, 'db' | 'patienceMs'>, refuse: Refusing): Step {
  const waiting = new Map<ServerResponse, Incoming>();
  let timer: NodeJS.Timeout | null = null;
  let question: Promise<boolean> | null = null;

  /** Whether the database answers soon. One question at a time: each holds a connection for as long as it is open. */
  function answersSoon(): Promise<boolean> {
    question ??= pingStore(context.db).then(() => true, () => false).finally(() => (question = null));
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timeout = setTimeout(() => resolve(false), LIMITS.pingMs);
    return Promise.race([question, promise]).finally(() => clearTimeout(timeout));
  }

  async function look(): Promise<void> {
    const before = performance.now() - context.patienceMs;
    const isOverdue = ([response, request]: [ServerResponse, Incoming]) => {
      return exchangeOf(response).startedAt < before && request.complete && !response.headersSent;
    };
    const overdue = [...waiting].filter(isOverdue);
    if (overdue.length > 0 && !(await answersSoon())) {
      for (const [response, request] of overdue.filter(isOverdue)) refuse(unavailable('postgresql'), request, response);
    }
    timer = null;
    lookLater();
  }

  function lookLater(): void {
    if (waiting.size > 0) timer ??= setTimeout(() => void look(), context.patienceMs / PARTS).unref();
  }

  return (request, response, next) => {
    waiting.set(response, request);
    response.once('close', () => void waiting.delete(response));
    lookLater();
    next();
  };
}

/** Nobody waits longer than by this part of it. */
const PARTS = 8;
