/** Every way in which Leadwarden refuses. The same names run from the rules to the workflow failures and the HTTP problems. */
export type ProblemCode =
  | 'invalid_request'
  | 'malformed_json'
  | 'invalid_phone'
  | 'unknown_source'
  | 'unknown_lead'
  | 'unknown_consent'
  | 'no_certificate'
  | 'nobody_to_ask'
  | 'unknown_import'
  | 'unknown_api_key'
  | 'unknown_policy'
  | 'unknown_clearance'
  | 'unknown_policy_version'
  | 'contact_not_allowed'
  | 'outcome_recorded'
  | 'unknown_route'
  | 'method_not_allowed'
  | 'source_exists'
  | 'acquired_in_future'
  | 'opted_out'
  | 'lead_disposed'
  | 'unknown_disposal'
  | 'disposal_open'
  | 'lead_archived'
  | 'lead_not_archived'
  | 'unknown_retrieval'
  | 'unknown_suppression'
  | 'unknown_confirmation'
  | 'confirmation_settled'
  | 'unknown_subject_request'
  | 'code_invalid'
  | 'too_many_codes'
  | 'identity_missing'
  | 'nothing_held'
  | 'unknown_statement'
  | 'unknown_rotation'
  | 'unknown_export'
  | 'unknown_hold'
  | 'unknown_approval'
  | 'hold_ended'
  | 'release_not_asked'
  | 'number_unknown'
  | 'already_settled'
  | 'source_not_found'
  | 'unknown_list'
  | 'list_exists'
  | 'unknown_release'
  | 'release_in_future'
  | 'change_without_base'
  | 'release_not_waiting'
  | 'unknown_fetch'
  | 'unknown_webhook_source'
  | 'webhook_source_exists'
  | 'webhook_source_paused'
  | 'invalid_signature'
  | 'unknown_endpoint'
  | 'unknown_delivery'
  | 'endpoint_ended'
  | 'settings_looser_than_law'
  | 'unauthenticated'
  | 'forbidden'
  | 'second_person_needed'
  | 'list_fixed_by_law'
  | 'list_not_in_force'
  | 'access_reason_missing'
  | 'body_too_large'
  | 'body_incomplete'
  | 'request_timeout'
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'unreadable_file'
  | 'idempotency_key_reused'
  | 'idempotency_key_in_use'
  | 'precondition_failed'
  | 'precondition_required'
  | 'too_many_requests'
  | 'dependency_unavailable'
  | 'internal_error';

export interface ProblemPart {
  /** JSON pointer into the request body, or `?name` for a query parameter, or `header:Name`. */
  pointer: string;
  code: string;
  detail: string;
}

/**
 * A broken rule as a value that can be thrown. `detail` says what was wrong and what would be right; it must never contain
 * the rejected value, which may be personal data.
 */
export class DomainError extends Error {
  readonly code: ProblemCode;
  readonly parts: readonly ProblemPart[];

  constructor(code: ProblemCode, detail: string, parts: readonly ProblemPart[] = []) {
    super(detail);
    this.name = 'DomainError';
    this.code = code;
    this.parts = parts;
  }
}
