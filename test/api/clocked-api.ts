import type { ApiContext } from '../../api/context.ts';
import { startApi, type RunningApi } from './running-api.ts';

/** An API whose clock goes only when it is told to. */
export async function createClockedApi(
  changes: Partial<ApiContext> = {},
): Promise<{ api: RunningApi; passTime: (ms: number) => void }> {
  let now = Date.now();
  const api = await startApi({ now: () => new Date(now), ...changes });
  return { api, passTime: (ms) => void (now += ms) };
}
