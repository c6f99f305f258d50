import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Db } from '../db/connection.ts';
import { knownLeads } from '../db/restorations.ts';
import { LEAD_WORKFLOW, leadWorkflowId } from '../workflows/messages.ts';

/** What was done about the workflows that were there before a store was restored. */
export interface ReconciledWorkflows {
  looked: number;
  /** Of leads that are not in the store. */
  ended: number;
  /** Of leads that are disposed of: they look again, and end by themselves. */
  told: number;
}

const PREFIX = leadWorkflowId('');
const PAGE = 500;
const AT_ONCE = 20;
const REASON = 'This lead is not in the store any more: the store was restored from a backup that was taken before the lead came in.';

/**
 * Ends the running workflows of leads that a restored store does not have, and wakes those of leads that were disposed of. Leads
 * without workflows need nothing here: the outbox of the restored store starts one for each. Can be repeated. Null, and nothing
 * is done, where there are workflows and not one is of a lead in the store: they are another house's, whose Temporal was named by
 * mistake. Should they be this one's after all, each ends by itself when it next looks for its lead.
 */
export async function reconcileWorkflows(client: Client, db: Db, taskQueue: string): Promise<ReconciledWorkflows | null> {
  const done: ReconciledWorkflows = { looked: 0, ended: 0, told: 0 };
  if (!(await areTheirs(client, db, taskQueue))) return null;
  for await (const page of pagesOfLeads(client, taskQueue)) await settle(client, db, page, done);
  return done;
}

/** Whether one of the workflows that run is of a lead in the store, or none runs. */
async function areTheirs(client: Client, db: Db, taskQueue: string): Promise<boolean> {
  let looked = 0;
  for await (const page of pagesOfLeads(client, taskQueue)) {
    looked += page.length;
    const known = await knownLeads(db, page.map((id) => id.slice(PREFIX.length)));
    if (known.size > 0) return true;
  }
  return looked === 0;
}

/** The ids of the workflows of leads that run. */
async function* pagesOfLeads(client: Client, taskQueue: string): AsyncGenerator<string[]> {
  let page: string[] = [];
  const query = `WorkflowType = "${LEAD_WORKFLOW}" AND ExecutionStatus = "Running" AND TaskQueue = "${taskQueue}"`;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: PAGE })) {
    page.push(workflowId);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function settle(client: Client, db: Db, workflowIds: readonly string[], done: ReconciledWorkflows): Promise<void> {
  const known = await knownLeads(db, workflowIds.map((id) => id.slice(PREFIX.length)));
  done.looked += workflowIds.length;
  for (let at = 0; at < workflowIds.length; at += AT_ONCE) {
    await Promise.all(workflowIds.slice(at, at + AT_ONCE).map(async (workflowId) => {
      const lead = known.get(workflowId.slice(PREFIX.length));
      if (lead && !lead.isDisposed) return;
      const handle = client.workflow.getHandle(workflowId);
      await (lead ? handle.signal('lifecycleChanged') : handle.terminate(REASON)).catch(ended);
      done[lead ? 'told' : 'ended'] += 1;
    }));
  }
}

/** The list of workflows lags behind a little. */
function ended(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
