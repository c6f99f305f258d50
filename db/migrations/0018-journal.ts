import { sql, type Kysely } from 'kysely';

/**
 * What protects people is noted for the journal outside of the database in the transaction that records it, whoever writes. Of a
 * row only ids, keyed pseudonyms, instants and words of closed lists are noted: never free text.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

/** Notes something about every row of a transition table, or about NEW. */
function notes(kind: string, at: string, row: string, from: string, more = ''): string {
  return `insert into journal_entry (entry)
    select jsonb_build_object('kind', '${kind}', 'at', journal_time(${at})${more}, 'row', jsonb_build_object(${row})) ${from};`;
}

function trigger(name: string, when: string, body: string): string[] {
  return [
    `create function ${name}() returns trigger language plpgsql as $$ begin ${body} return null; end $$`,
    `create trigger ${name} after ${when} execute function ${name}()`,
  ];
}

/** The columns of a row that are noted as they are. */
const columns = (of: string, ...names: string[]) => names.map((name) => `'${name}', ${of}.${name}`).join(', ');

/** All of a disposal but its reason, which is free text: what it is certified by must not be lost. */
function notesDisposal(kind: string, row: 'new' | 'old', at: string): string {
  return `insert into journal_entry (entry)
    values (jsonb_build_object('kind', '${kind}', 'at', journal_time(${at}), 'row', to_jsonb(${row}) - array['reason', 'next_attempt_at']));`;
}

const SUPPRESSION = `${columns('added', 'id', 'kind', 'channel', 'reported_at', 'received_at', 'lifted_at', 'contact_id', 'import_id', 'outlived_at')},
  'token', added.token::text`;
const WITHDRAWAL = columns(
  'new', 'id', 'lead_id', 'acquisition_id', 'kind', 'channel', 'purpose', 'grade', 'effect', 'happened_at', 'received_at', 'expires_at',
  'confirmation', 'origin', 'own_act',
);
const STATEMENT = `${columns(
  'new', 'id', 'event_id', 'webhook_source_id', 'source_id', 'act', 'by_message', 'channels', 'purpose', 'happened_at', 'received_at', 'expires_at',
)}, 'key', new.key::text`;
const TOKEN_OF_LEAD = `, 'token', (select token::text from lead where lead.id = new.lead_id)`;
const CHANGED = `from added join replaced using (id) where added.`;

const STATEMENTS = [
  `create table journal_entry (
    id bigint generated always as identity primary key,
    noted_at timestamptz not null default clock_timestamp(),
    entry jsonb not null
  )`,
  `create function journal_time(at timestamptz) returns text language sql stable
    return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,

  ...trigger(
    'journal_suppressions', 'insert on suppression referencing new table as added for each statement',
    notes('suppression', 'added.received_at', SUPPRESSION, 'from added'),
  ),
  ...trigger(
    'journal_ended_suppressions', 'update on suppression referencing old table as replaced new table as added for each statement',
    notes('lift', 'added.lifted_at', columns('added', 'id', 'lifted_at', 'lifted_by'),
      `${CHANGED}lifted_at is not null and replaced.lifted_at is null`) +
    notes('outlived', 'added.outlived_at', columns('added', 'id', 'outlived_at'),
      `${CHANGED}outlived_at is not null and replaced.outlived_at is null`),
  ),
  // Looked at row by row before anything is called: a million grants of an import cost next to nothing.
  ...trigger(
    'journal_withdrawals', `insert on consent_event for each row when (new.kind in ('revoked', 'expired', 'annulled'))`,
    notes('withdrawal', 'new.received_at', WITHDRAWAL, '', TOKEN_OF_LEAD),
  ),
  ...trigger(
    'journal_unclear_opt_outs', 'insert on unclear_opt_out for each row',
    notes('unclear', 'new.received_at', columns('new', 'id', 'lead_id', 'channel', 'stated_at', 'received_at'), '', TOKEN_OF_LEAD),
  ),
  ...trigger(
    'journal_resolved_opt_outs', 'update of resolved_at on unclear_opt_out for each row when (old.resolved_at is null and new.resolved_at is not null)',
    notes('unclear_resolved', 'new.resolved_at', columns('new', 'id', 'resolved_at', 'resolved_as', 'resolved_by'), ''),
  ),
  ...trigger(
    'journal_statements', `insert on waiting_statement for each row when (new.act in ('opt_out', 'unclear', 'erasure'))`,
    notes('statement', 'new.received_at', STATEMENT, ''),
  ),
  ...trigger(
    'journal_requests', 'insert on subject_request for each row',
    notes('request', 'new.received_at',
      `${columns('new', 'id', 'lead_id', 'kind', 'requested_at', 'received_at', 'jurisdictions')}, 'token', new.token::text`, ''),
  ),
  ...trigger(
    'journal_erasures', 'update of erasure_asked_at on lead for each row when (old.erasure_asked_at is null and new.erasure_asked_at is not null)',
    notes('erasure', 'new.erasure_asked_at', columns('new', 'id', 'erasure_asked_at', 'erasure_request_id'), ''),
  ),
  ...trigger(
    'journal_holds', 'insert on legal_hold for each row',
    notes('hold', 'new.placed_at',
      columns('new', 'id', 'kind', 'lead_id', 'source_id', 'campaign', 'search', 'until', 'placed_by', 'placed_at'), ''),
  ),
  ...trigger(
    'journal_released_holds', 'update of released_at on legal_hold for each row when (old.released_at is null and new.released_at is not null)',
    notes('hold_released', 'new.released_at', columns('new', 'id', 'release_asked_by', 'release_asked_at', 'released_by', 'released_at'), ''),
  ),
  ...trigger(
    'journal_destroyed_keys', 'insert or update of key_destroyed_at on disposal for each row when (new.key_destroyed_at is not null and new.completed_at is null)',
    notesDisposal('destroyed', 'new', 'new.key_destroyed_at'),
  ),
  ...trigger(
    'journal_disposals', 'update of completed_at on disposal for each row when (old.completed_at is null and new.completed_at is not null)',
    notesDisposal('disposed', 'new', 'new.completed_at'),
  ),
  ...trigger('journal_taken_back_disposals', 'delete on disposal for each row', notesDisposal('taken_back', 'old', 'clock_timestamp()')),
  ...trigger(
    'journal_revoked_keys', 'update of revoked_at on api_key for each row when (old.revoked_at is null and new.revoked_at is not null)',
    notes('key_revoked', 'new.revoked_at', columns('new', 'id', 'revoked_at'), ''),
  ),
  ...trigger(
    'journal_suspended_sources', 'update of suspended_at on source for each row when (old.suspended_at is null and new.suspended_at is not null)',
    notes('suspended', 'new.suspended_at', columns('new', 'id', 'suspended_at'), ''),
  ),

  // What a restored store was restored from, and what was put back into it.
  `create table restoration (
    id uuid primary key,
    backup_id uuid not null,
    snapshot_at timestamptz not null,
    restored_at timestamptz not null,
    report jsonb not null,
    reconciled_at timestamptz
  )`,
];
