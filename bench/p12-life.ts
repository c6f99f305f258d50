import { readFile } from 'node:fs/promises';
import type { Measurement } from './harness.ts';

const HISTORY = new URL('../test/workflows/histories/three-outcomes.json', import.meta.url);

interface RecordedEvent {
  eventType: string;
  workflowTaskCompletedEventAttributes?: object;
}

/** Billed by Temporal Cloud as one action each; all local activities of one workflow task are one together. */
const ACTIONS = new Set([
  'WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_SIGNALED', 'TIMER_STARTED', 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  'ACTIVITY_TASK_SCHEDULED', 'MARKER_RECORDED',
]);

/** What the committed history of a whole life (acquisition, three outcomes, archival, disposal) costs. */
export const p12: Measurement = {
  id: 'P12',
  title: 'Temporal cost of a whole life with three contacts, counted from its committed history',
  async measure() {
    const { events } = JSON.parse(await readFile(HISTORY, 'utf8')) as { events: RecordedEvent[] };
    const types = events.map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
    return [
      { name: 'history events', value: types.length, target: { atMost: 40 } },
      { name: 'billable actions', value: types.filter((type) => ACTIONS.has(type)).length },
      { name: 'timers started', value: types.filter((type) => type === 'TIMER_STARTED').length },
    ];
  },
};
