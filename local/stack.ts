import type { Say } from './progress.ts';
import type { Running, Service } from './supervisor.ts';

const ORDER = ['api', 'worker', 'temporal', 'postgres'] as const;
export type ServiceName = (typeof ORDER)[number];

/** The services that run. They are stopped in the order in which each one still has what it needs to finish its work. */
export class Stack {
  readonly #services = new Map<ServiceName, Service>();

  /** Takes in a service as soon as it runs, so that it is stopped whatever happens next. */
  async add<T extends Running>(name: ServiceName, starting: Promise<Service<T>>): Promise<Service<T>> {
    const service = await starting;
    this.#services.set(name, service);
    return service;
  }

  async stop(say: Say): Promise<void> {
    for (const name of ORDER) {
      const service = this.#services.get(name);
      if (service === undefined) continue;
      say(`stopping ${name}`);
      await service.stop();
    }
  }
}

/** All results, or the first failure; but only when all are over, so that nothing is still being started behind our back. */
export async function allOver<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
