/**
 * Finds one thing by its key. Those who look while a reading is under way share the next one; nobody gets what was read before
 * they asked.
 */
export function sharedLookUp<Found>(
  read: (keys: string[]) => Promise<Map<string, Found>>,
): (key: string) => Promise<Found | undefined> {
  let next: { keys: Set<string>; found: Promise<Map<string, Found>> } | null = null;
  let underWay: Promise<unknown> = Promise.resolve();
  return async (key) => {
    next ??= gather();
    next.keys.add(key);
    return (await next.found).get(key);
  };

  function gather() {
    const keys = new Set<string>();
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const found = Promise.all([turn, underWay]).then(() => {
      next = null;
      return read([...keys]);
    });
    underWay = found.catch(() => undefined);
    return { keys, found };
  }
}
