import { insertConfirmationRequest } from '../../db/confirmations.ts';
import { leadBody, type RunningApi } from './running-api.ts';

export const WORDS = 'I would like to hear from Acme about its spring offers.';
export const SOURCE = {
  id: 'spring-fair', name: 'Spring fair', kind: 'event', legalBasis: 'consent', defaultRegion: 'DE',
  consentTexts: [{ version: '2026-03', language: 'en', text: WORDS, names: ['acme'] }],
};

let next = 0;

/** A person on the books, with consents; answers the id of the lead. */
export async function personWith(api: RunningApi, consents: object[], changes: object = {}): Promise<string> {
  next += 1;
  const { json } = await api.call('POST', '/v1/leads', {
    body: leadBody({
      phone: `+4915199900${String(next).padStart(3, '0')}`, source: SOURCE.id,
      subject: { name: 'Ada Lovelace', email: `ada.${next}@example.net` }, consents, ...changes,
    }),
  });
  return json.leadId;
}

export const consent = (channel: string, purpose = 'marketing', changes: object = {}) =>
  ({ channel, purpose, obtainedAt: '2026-02-01T10:00:00Z', evidence: { textVersion: '2026-03', method: 'web_form' }, ...changes });

/** The path of a page of the person's own. */
export async function preferencesOf(api: RunningApi, leadId: string): Promise<string> {
  const { json } = await api.call('POST', `/v1/leads/${leadId}/links`, { body: { kind: 'preferences' } });
  return new URL(json.url).pathname;
}

/** A request to confirm everything of a person that waits, and the path of its page. */
export async function confirmationOf(api: RunningApi, leadId: string): Promise<{ id: string; path: string }> {
  const rows = await api.db.selectFrom('consent_event').select('id').where('lead_id', '=', leadId).where('kind', '=', 'granted').execute();
  const consentIds = rows.map((row) => row.id);
  const id = await api.db.transaction().execute((tx) => insertConfirmationRequest(tx, { leadId, kind: 'confirmation', consentIds }, new Date()));
  const { json } = await api.call('POST', `/v1/confirmations/${id}/link`);
  return { id, path: new URL(json.url).pathname };
}

/** A request of a person, and the path of its page; with the code entered where it is to be verified. */
export async function requestOf(
  api: RunningApi, leadId: string, kind: string, isVerified: boolean,
): Promise<{ id: string; path: string }> {
  const { json: { id } } = await api.call('POST', '/v1/subject-requests', { body: { leadId, kind } });
  const { json } = await api.call('POST', `/v1/subject-requests/${id}/message`);
  const path = new URL(json.url).pathname;
  if (isVerified) await fetch(api.url + path, { method: 'POST', body: new URLSearchParams({ action: 'verify', code: json.code }), redirect: 'manual' });
  return { id, path };
}
