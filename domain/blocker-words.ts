import type { ReasonCode } from './clearance.ts';

const WORDS: Record<ReasonCode, string> = {
  suppressed: 'a suppression of our own',
  dnc_listed: 'an entry in a do-not-call list that nothing overrides',
  list_missing: 'a do-not-call list that has to be asked was never loaded',
  list_stale: 'a do-not-call list that has to be asked is too old',
  consent_missing: 'no consent, where one is required',
  consent_unconfirmed: 'a consent that the person has not confirmed yet',
  consent_expired: 'a consent that has lapsed',
  consent_revoked: 'a consent that was withdrawn',
  consent_grade: 'a consent that is not good enough',
  call_window: 'the hour',
  attempt_cap: 'as many attempts as are allowed for now',
  cooldown: 'quiet time after an earlier contact',
  open_clearance: 'another contact that is under way',
  zone_unknown: 'no known time zone, or too many',
  jurisdiction_unknown: 'no known country',
  reassigned_unknown: 'nobody has asked yet whether the number was reassigned',
  reassigned: 'the number belongs to somebody else now',
  dialer_mode: 'a way of dialing that is not allowed',
  caller_id_series: 'a caller id that is not allowed',
  abandonment: 'too many abandoned calls of the campaign',
  opt_out_unclear: 'words that may be an opt-out and wait for a person to read them',
  lead_archived: 'it is archived',
  lead_disposed: 'its personal data has been destroyed',
  source_suspended: 'every source it came from is suspended',
  acquisition_stale: 'it came in too long ago to be contacted for the first time',
  lead_unknown: 'no acquisition to stand on',
};

/** What stands against a contact, in plain words; a code of another version stands for itself. */
export function blockerWords(code: string): string {
  return Object.entries(WORDS).find(([known]) => known === code)?.[1] ?? code;
}
