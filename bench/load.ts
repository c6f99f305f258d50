import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ClearanceStore } from './clearance-store.ts';
import type { Bound, Figure, Race } from './harness.ts';

const CONNECTIONS = 50;

export interface LoadResult {
  seconds: number;
  /** Milliseconds. */
  p99: number;
  statuses: Record<string, number>;
}

/** Sends requests from a process of its own; anything but the status expected is an error. */
export async function sendLoad(
  port: number, requests: readonly string[], status: number, connections = CONNECTIONS,
): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'load-child.ts'), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send({ port, connections, requests });
  const [result] = await once(child, 'message') as [LoadResult];
  child.kill();
  const other = Object.entries(result.statuses).filter(([each]) => each !== String(status));
  if (other.length > 0) throw new Error(`answers other than ${status}: ${JSON.stringify(result.statuses)}`);
  return result;
}

/** Turns until what is measured has been compiled: of a server that runs for months, its first seconds say nothing. */
export const WARM_UPS = 3;

type Answered = () => Promise<LoadResult>;

/** A race of two servers, or of two ways through one, measured while they are asked, with their slowest answers. */
export function raceOf(
  { subject, yardstick }: { subject: Answered; yardstick: Answered }, p99: { target?: Bound; stretch?: Bound } = {},
): Omit<Race, 'checks'> & { checks: () => Figure[] } {
  const slowest: { own: number[]; bare: number[] } = { own: [], bare: [] };
  const turn = async (answered: Answered, into: number[]) => {
    const result = await answered();
    into.push(result.p99);
    return result.seconds;
  };
  return {
    subject: () => turn(subject, slowest.own),
    yardstick: () => turn(yardstick, slowest.bare),
    checks() {
      const [own, bare] = [medianOf(slowest.own.slice(WARM_UPS)), medianOf(slowest.bare.slice(WARM_UPS))];
      return [{ name: 'p99 against the yardstick', value: own / bare, unit: 'x', ...p99 }, { name: 'p99', value: own, unit: 'ms' }];
    },
  };
}

/** Questions about persons of whom nobody asked before, each by the next of many callers. */
export function questions(store: ClearanceStore, count: number, path = '/v1/clearances'): string[] {
  return store.takePhones(count).map((phone, nth) => post(path, store.keys[nth % store.keys.length] ?? '', question(phone)));
}

export function question(phone: string) {
  return { phone, channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12125550100' };
}

export function post(path: string, key: string, content: unknown): string {
  const isText = typeof content === 'string';
  const body = isText ? content : JSON.stringify(content);
  const type = isText ? 'text/plain' : 'application/json';
  const head = ['Host: bench', `Authorization: Bearer ${key}`, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`];
  return `POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`;
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
