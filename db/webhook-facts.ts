import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db } from './connection.ts';
import { consentChanged } from './consents.ts';
import type { UnclearOptOutTable } from './gate-schema.ts';
import { newId } from './ids.ts';
import { named } from './named.ts';
import { askTogether } from './pipeline.ts';
import type { SubjectRequestStepTable, SubjectRequestTable } from './person-schema.ts';
import { rowSet } from './row-set.ts';
import type { ConsentEventTable, OutboxTable, PersonalDataTable, SuppressionTable } from './schema.ts';
import { publishHeld } from './subscriber-events.ts';
import type { ExternalReferenceTable, WaitingStatementTable, WebhookEventTable } from './webhook-schema.ts';

/** The end of a suppression, and the fact that ended it. */
export interface Lifted {
  id: string;
  lifted_at: Date;
  lifted_because: string;
  lifted_by: string;
}

/** Whose a request is that was put on record before anybody knew. */
type Identified = Pick<Selectable<SubjectRequestTable>, 'id' | 'lead_id' | 'token' | 'jurisdictions'>;

/** Everything that some events become. */
export interface WebhookRows {
  events: Insertable<WebhookEventTable>[];
  consents: Insertable<ConsentEventTable>[];
  suppressions: Insertable<SuppressionTable>[];
  lifted: Lifted[];
  unclear: Insertable<UnclearOptOutTable>[];
  requests: Insertable<SubjectRequestTable>[];
  identified: Identified[];
  personal: Insertable<PersonalDataTable>[];
  references: Insertable<ExternalReferenceTable>[];
  waiting: Insertable<WaitingStatementTable>[];
  outbox: Insertable<OutboxTable>[];
}

const addEvents = rowSet('webhook_event', [
  'id', 'webhook_source_id', 'event_id', 'key', 'act', 'result', 'problem_code', 'detail', 'happened_at', 'received_at', 'lead_id', 'fact_ids',
]);
const addConsents = rowSet('consent_event', [
  'id', 'lead_id', 'acquisition_id', 'kind', 'channel', 'purpose', 'grade', 'effect', 'happened_at', 'received_at', 'expires_at',
  'confirmation', 'text_version', 'method', 'text_source_id', 'via',
]);
const addSuppressions = rowSet('suppression', [
  'id', 'token', 'kind', 'channel', 'reported_at', 'received_at', 'via', 'lifted_at', 'lifted_because', 'lifted_by',
]);
const addUnclear = rowSet('unclear_opt_out', ['id', 'lead_id', 'channel', 'stated_at', 'received_at', 'via']);
const addRequests = rowSet('subject_request', ['id', 'lead_id', 'token', 'kind', 'via', 'requested_at', 'received_at', 'jurisdictions']);
const addReceived = rowSet('subject_request_step', ['id', 'request_id', 'kind', 'at', 'by', 'word']);
const addPersonal = rowSet('personal_data', ['lead_id', 'fact_id', 'tier', 'sealed']);
const addWaiting = rowSet('waiting_statement', [
  'id', 'key', 'event_id', 'webhook_source_id', 'source_id', 'act', 'by_message', 'channels', 'purpose', 'grade', 'text_version', 'method',
  'happened_at', 'received_at', 'expires_at',
]);
const addOutbox = rowSet('outbox', ['subject', 'workflow', 'signal', 'fact_id', 'lane', 'due_at', 'said']);

const learn: (db: Db, values: { rows: string }) => Promise<object[]> = named('learn_references', ({ rows }) => sql`
  insert into external_reference (reference, token, learned_at)
  select reference, token, max(learned_at) from json_populate_recordset(null::external_reference, ${rows}::json)
  group by reference, token order by reference, token
  on conflict (reference, token) do update set learned_at = greatest(external_reference.learned_at, excluded.learned_at)`);

/** Puts on record by which names sources call the people behind some numbers. */
export async function learnReferences(tx: Db, references: readonly Insertable<ExternalReferenceTable>[]): Promise<void> {
  if (references.length === 0) return;
  const rows = references.map(({ reference, token, learned_at }) => {
    return { reference: String(reference), token: String(token), learned_at };
  });
  await learn(tx, { rows: JSON.stringify(rows) });
}

const lift: (db: Db, values: { rows: string }) => Promise<object[]> = named('lift_suppressions', ({ rows }) => sql`
  update suppression set lifted_at = ended.lifted_at, lifted_because = ended.lifted_because, lifted_by = ended.lifted_by
  from json_populate_recordset(null::suppression, ${rows}::json) ended
  where suppression.id = ended.id and suppression.lifted_at is null`);

async function liftSuppressions(tx: Db, lifted: readonly Lifted[]): Promise<void> {
  if (lifted.length > 0) await lift(tx, { rows: JSON.stringify(lifted) });
}

/** The first step of a request is that it came in, and through whom. */
function receivedStep(request: Insertable<SubjectRequestTable>): Insertable<SubjectRequestStepTable> {
  const { id: request_id, via, received_at: at } = request;
  return { id: newId(), request_id, kind: 'received', at, by: `webhook:${via}`, word: via };
}

const identify: (db: Db, values: { rows: string }) => Promise<object[]> = named('identify_requests', ({ rows }) => sql`
  update subject_request set lead_id = theirs.lead_id, token = theirs.token, jurisdictions = theirs.jurisdictions
  from json_populate_recordset(null::subject_request, ${rows}::json) theirs
  where subject_request.id = theirs.id and subject_request.ended_at is null`);

async function identifyRequests(tx: Db, identified: readonly Identified[]): Promise<void> {
  if (identified.length === 0) return;
  const rows = identified.map((each) => ({ ...each, token: each.token === null ? null : String(each.token) }));
  await identify(tx, { rows: JSON.stringify(rows) });
}

/** Everything as a few statements by name, each of them at most once. The leads are held by whoever planned it. */
function statementsOf(tx: Db, rows: WebhookRows, now: Date): (() => Promise<void>)[] {
  return [
    () => addEvents(tx, rows.events),
    () => addConsents(tx, rows.consents),
    () => publishHeld(tx, rows.consents.map(consentChanged), now),
    () => addSuppressions(tx, rows.suppressions),
    () => liftSuppressions(tx, rows.lifted),
    () => addUnclear(tx, rows.unclear),
    () => addRequests(tx, rows.requests),
    () => addReceived(tx, rows.requests.map(receivedStep)),
    () => identifyRequests(tx, rows.identified),
    () => addPersonal(tx, rows.personal),
    () => learnReferences(tx, rows.references),
    () => addWaiting(tx, rows.waiting),
    () => addOutbox(tx, rows.outbox),
  ];
}

/** Writes everything. Whose connection takes that need not wait for the answers. */
export async function writeWebhookRows(tx: Db, rows: WebhookRows, now: Date): Promise<void> {
  await askTogether<readonly void[]>(tx, ...statementsOf(tx, rows, now));
}
