export interface Stopping {
  /** Resolves when this process is asked to stop. */
  promise: Promise<void>;
  readonly asked: boolean;
}

/** Asked to stop: by SIGTERM or SIGINT, or by the death of the process that started this one. */
export function untilStopped(): Stopping {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopping = { promise, asked: false };
  const stop = () => {
    stopping.asked = true;
    resolve();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
  return stopping;
}
