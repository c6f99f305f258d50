import { readFile } from 'node:fs/promises';
import type { Figure, Measurement } from './harness.ts';

const FOLDER = new URL('../test/workflows/histories/', import.meta.url);

interface RecordedEvent {
  eventType: string;
  markerRecordedEventAttributes?: { workflowTaskCompletedEventId?: unknown };
}

/** Billed by Temporal Cloud as one action each. */
const ACTIONS = new Set([
  'WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_SIGNALED', 'TIMER_STARTED', 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  'ACTIVITY_TASK_SCHEDULED',
]);

/**
 * What Temporal Cloud bills for a history (docs.temporal.io/cloud/actions): starts, signals, timers, activities, each call that
 * changes search attributes; and the local activities of one workflow task as one. What a start brings along is free.
 */
function billedActions(events: readonly RecordedEvent[]): number {
  const markers = events.flatMap(({ markerRecordedEventAttributes: marker }) => marker ?? []);
  const looks = markers.map(({ workflowTaskCompletedEventId: task }) => String(task));
  return events.filter(({ eventType }) => ACTIONS.has(typeOf(eventType))).length + new Set(looks).size;
}

function typeOf(eventType: string): string {
  return eventType.replace('EVENT_TYPE_', '');
}

async function count(name: string, file: string, most: { events: number; actions: number }): Promise<Figure[]> {
  const { events } = JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as { events: RecordedEvent[] };
  return [
    { name: `${name}: history events`, value: events.length, target: { atMost: most.events } },
    { name: `${name}: billed actions`, value: billedActions(events), target: { atMost: most.actions } },
    { name: `${name}: timers started`, value: events.filter(({ eventType }) => typeOf(eventType) === 'TIMER_STARTED').length },
  ];
}

/** What the committed histories of two lives cost: three contacts, archival and disposal; and disposal without any contact. */
export const p12: Measurement = {
  id: 'P12',
  title: 'Temporal cost of a whole life, counted from committed histories',
  async measure() {
    return [
      ...(await count('three contacts', 'three-outcomes.json', { events: 40, actions: 12 })),
      ...(await count('never contacted', 'never-contacted.json', { events: 40, actions: 6 })),
    ];
  },
};
