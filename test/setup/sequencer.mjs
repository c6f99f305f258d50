import { statSync } from 'node:fs';

/** Suites that start, kill or wait for processes: a minute each, however short they are to read. */
const LONGEST = /kill|browser|drill|test\/(local|simulation)\/|\/(process|backup|start|concurrency|round-trip|key-rotation)\.test/;

/**
 * Which suite comes next. The longest begin the run: one that is begun last keeps one core waiting for the other. Jest does so by
 * itself from the second run on; the first one in a fresh clone is the one that somebody waits for.
 */
export default class Sequencer {
  sort(tests) {
    const weight = new Map(tests.map((test) => [test, (LONGEST.test(test.path) ? 1e9 : 0) + statSync(test.path).size]));
    return tests.toSorted((a, b) => weight.get(b) - weight.get(a));
  }

  shard(tests, { shardIndex, shardCount }) {
    return tests.filter((_, nth) => nth % shardCount === shardIndex - 1);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // Nothing is remembered: a run in a fresh clone and any other one are the same.
  }
}
