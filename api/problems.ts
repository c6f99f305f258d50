import { z } from 'zod';
import type { ProblemCode, ProblemPart } from '../domain/problem.ts';

const PROBLEMS = {
  invalid_request: [422, 'The request does not have the shape it should have'],
  malformed_json: [400, 'The body is not JSON'],
  invalid_phone: [422, 'This is not a phone number that can be called'],
  unknown_source: [422, 'No source of that id is registered'],
  unknown_lead: [404, 'There is no such lead'],
  unknown_consent: [404, 'There is no such consent'],
  no_certificate: [422, 'The evidence of this consent names no certificate that is known here'],
  nobody_to_ask: [422, 'No database can be asked about this number'],
  unknown_import: [404, 'There is no such import'],
  unknown_api_key: [404, 'There is no such API key'],
  unknown_policy: [404, 'No law is on file for that jurisdiction'],
  unknown_clearance: [404, 'There is no such clearance'],
  unknown_policy_version: [422, 'No answer was given under that policy version'],
  contact_not_allowed: [422, 'The clearance did not allow a contact'],
  outcome_recorded: [409, 'This contact has another outcome already'],
  unknown_route: [404, 'There is nothing at this address'],
  method_not_allowed: [405, 'This address does not take that method'],
  source_exists: [409, 'A source of that id is registered already'],
  acquired_in_future: [422, 'A lead cannot have been acquired in the future'],
  opted_out: [422, 'The person behind this number has opted out'],
  lead_disposed: [422, 'The personal data of this lead has been destroyed'],
  lead_archived: [409, 'The personal data of this lead is in the archive'],
  lead_not_archived: [409, 'The lead is not in the archive'],
  unknown_retrieval: [404, 'There is no such retrieval of this lead'],
  unknown_disposal: [404, 'There is no such disposal'],
  disposal_open: [409, 'The disposal is not complete yet'],
  unknown_suppression: [404, 'There is no such suppression'],
  unknown_confirmation: [404, 'There is no such request for confirmation'],
  confirmation_settled: [409, 'There is nothing left to confirm'],
  unknown_subject_request: [404, 'There is no such request of a person'],
  code_invalid: [422, 'This code cannot be used'],
  too_many_codes: [409, 'The person has been sent too many codes'],
  identity_missing: [409, 'It is not known yet whether the request comes from the person'],
  nothing_held: [409, 'Nothing is held of this number'],
  unknown_statement: [404, 'There is no such statement'],
  unknown_export: [404, 'There is no such export'],
  unknown_hold: [404, 'There is no such legal hold'],
  unknown_approval: [404, 'There is nothing of this id to agree to'],
  hold_ended: [409, 'This legal hold has ended'],
  release_not_asked: [409, 'Nobody has asked for that release'],
  number_unknown: [422, 'The number is not on the books'],
  second_person_needed: [403, 'This takes a second person'],
  already_settled: [409, 'This has been settled already'],
  source_not_found: [404, 'There is no such source'],
  unknown_list: [404, 'There is no such list'],
  list_exists: [409, 'A list of that id is registered already'],
  unknown_fetch: [404, 'There is no such fetch'],
  unknown_endpoint: [404, 'There is no such webhook endpoint'],
  unknown_delivery: [404, 'There is no such delivery to this endpoint'],
  endpoint_ended: [409, 'This webhook endpoint has been ended'],
  unknown_rotation: [404, 'There is no such rotation of keys'],
  unknown_release: [404, 'There is no such release'],
  release_in_future: [422, 'A release cannot be of a moment that is still to come'],
  change_without_base: [422, 'A change needs a full release before it'],
  release_not_waiting: [409, 'This release does not wait for that'],
  unknown_webhook_source: [404, 'There is no such source of webhooks'],
  webhook_source_exists: [409, 'A source of webhooks of that id is registered already'],
  webhook_source_paused: [503, 'Nothing is taken from this source for now'],
  invalid_signature: [401, 'The signature is not that of the sender'],
  settings_looser_than_law: [422, 'The settings are looser than the law'],
  unauthenticated: [401, 'A valid API key is needed'],
  forbidden: [403, 'The role of this API key does not allow that'],
  list_not_in_force: [409, 'The list has no release in force'],
  list_fixed_by_law: [422, 'The law says what this list is'],
  access_reason_missing: [422, 'Personal data is shown for a stated reason only'],
  body_too_large: [413, 'The body is too large'],
  body_incomplete: [400, 'The body ended before it was complete'],
  request_timeout: [408, 'The body did not arrive in time'],
  unsupported_media_type: [415, 'The body has a content type that is not understood here'],
  unsupported_encoding: [415, 'The body has an encoding that is not understood here'],
  unreadable_file: [422, 'The file cannot be read as it is'],
  idempotency_key_reused: [422, 'This idempotency key belongs to another request'],
  idempotency_key_in_use: [409, 'A request with this idempotency key is still running'],
  precondition_failed: [412, 'It has changed since it was read'],
  precondition_required: [428, 'Say which state it is that you have read'],
  too_many_requests: [429, 'Too many requests'],
  dependency_unavailable: [503, 'Something that is needed for an answer is not available'],
  internal_error: [500, 'Something went wrong here'],
} as const satisfies Record<ProblemCode, readonly [status: number, title: string]>;

export const PROBLEM_TYPE = 'application/problem+json';
const TYPE_BASE = 'https://leadwarden.dev/problems/';

export function statusOf(code: ProblemCode): number {
  return PROBLEMS[code][0];
}

export function titleOf(code: ProblemCode): string {
  return PROBLEMS[code][1];
}

/** Every refusal, as RFC 9457 wants it: `code` is for programs, `detail` for people; no refused value is ever in it. */
export const problemSchema = z
  .object({
    type: z.url().meta({ description: 'The kind of problem; stable, like `code`' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'The name programs go by' }),
    detail: z.string().meta({ description: 'What was wrong, and what would be accepted' }),
    requestId: z.string().meta({ description: 'Names this request in our logs' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'JSON pointer into the body, `?name` for a query parameter, `header:Name` for a header' }),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .meta({ description: 'Each place that is wrong; empty when the problem has none' }),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;

/** The body of a refusal. */
export function createProblem(code: ProblemCode, detail: string, requestId: string, parts: readonly ProblemPart[] = []): Problem {
  const type = `${TYPE_BASE}${code.replaceAll('_', '-')}`;
  return { type, title: titleOf(code), status: statusOf(code), code, detail, requestId, errors: [...parts] };
}
