import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REVEALERS, ROLES, type Role } from '../../api/roles.ts';
import { routes } from '../../api/routes.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

/** Who may do what, written down once more by hand: a route that changes its roles has to change this as well. */
const TABLE: Record<string, readonly Role[] | 'public' | 'signed'> = {
  createSource: ['operator', 'admin'],
  rotateKeys: ['admin'],
  listKeyRotations: ['admin'],
  readKeyRotation: ['admin'],
  listSources: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  closeSource: ['compliance', 'admin'],
  closeCampaign: ['compliance', 'admin'],
  listClosures: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  suspendSource: ['operator', 'compliance', 'admin'],
  resumeSource: ['operator', 'compliance', 'admin'],
  acquireLead: ['operator', 'integration', 'admin'],
  listLeads: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  readLead: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  readTimeline: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  searchLeads: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  askForRetrieval: ['compliance', 'admin'],
  approveRetrieval: ['compliance', 'admin'],
  withdrawRetrieval: ['compliance', 'admin'],
  listRetrievals: ['compliance', 'auditor', 'admin'],
  grantConsent: ['operator', 'compliance', 'integration', 'admin'],
  revokeConsent: ['operator', 'compliance', 'integration', 'admin'],
  readConsents: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  readVerification: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  verifyConsent: ['operator', 'compliance', 'integration', 'admin'],
  listFailedCertificates: ['operator', 'compliance', 'admin'],
  certifyConsent: ['operator', 'compliance', 'auditor', 'admin'],
  receiptOfConsent: ['operator', 'compliance', 'auditor', 'admin'],
  openConsent: ['compliance', 'admin'],
  importConsents: ['operator', 'compliance', 'integration', 'admin'],
  listConsentImports: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  readConsentImport: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  readConsentRefusals: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  requestConsentExport: ['compliance', 'admin'],
  listConsentExports: ['compliance', 'auditor', 'admin'],
  readConsentExport: ['compliance', 'auditor', 'admin'],
  approveConsentExport: ['compliance', 'admin'],
  exportConsents: ['compliance', 'admin'],
  addRelationship: ['operator', 'compliance', 'integration', 'admin'],
  listRelationships: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  addReassignedAnswer: ['operator', 'compliance', 'integration', 'admin'],
  listReassignedAnswers: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  checkReassigned: ['operator', 'compliance', 'integration', 'admin'],
  listReassignedChecks: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  addPorting: ['operator', 'compliance', 'integration', 'admin'],
  listPortings: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  reportContact: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  suppressNumber: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  readSuppression: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  liftSuppression: ['compliance', 'admin'],
  importSuppressions: ['operator', 'compliance', 'integration', 'admin'],
  listSuppressionImports: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  readSuppressionImport: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  readSuppressionRefusals: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  requestSuppressionExport: ['compliance', 'admin'],
  readSuppressionExport: ['compliance', 'auditor', 'admin'],
  approveSuppressionExport: ['compliance', 'admin'],
  exportSuppressions: ['compliance', 'admin'],
  createWebhookSource: ['operator', 'compliance', 'admin'],
  listWebhookSources: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  readWebhookSource: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  changeWebhookSource: ['operator', 'compliance', 'admin'],
  rotateWebhookSourceSecret: ['operator', 'compliance', 'admin'],
  pauseWebhookSource: ['operator', 'compliance', 'admin'],
  resumeWebhookSource: ['operator', 'compliance', 'admin'],
  listWebhookEvents: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  receiveWebhook: 'signed',
  listWaitingConsents: ['operator', 'compliance', 'admin'],
  listUnclearOptOuts: ['operator', 'compliance', 'admin'],
  readUnclearOptOut: ['compliance', 'admin'],
  resolveUnclearOptOut: ['operator', 'compliance', 'admin'],
  readSettings: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  changeSettings: ['compliance', 'admin'],
  previewSettings: ['compliance', 'admin'],
  listSettingsVersions: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  askClearance: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  askClearances: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  previewClearance: ['agent', 'operator', 'compliance', 'auditor', 'integration', 'admin'],
  readClearance: ['agent', 'operator', 'compliance', 'auditor', 'integration', 'admin'],
  reportOutcome: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  listPolicies: ROLES,
  readPolicy: ROLES,
  showLaw: ROLES,
  importLeads: ['operator', 'integration', 'admin'],
  previewImport: ['operator', 'integration', 'admin'],
  listImports: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  readImport: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  readRefusals: ['operator', 'integration', 'compliance', 'auditor', 'admin'],
  createList: ['compliance', 'admin'],
  listLists: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  sendRelease: ['operator', 'compliance', 'admin'],
  listReleases: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  readRelease: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  approveRelease: ['compliance', 'admin'],
  abandonRelease: ['compliance', 'admin'],
  checkNumbers: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  createApiKey: ['admin'],
  listApiKeys: ['admin'],
  revokeApiKey: ['admin'],
  readSigningKeys: 'public',
  proveClearance: ['operator', 'compliance', 'auditor', 'admin'],
  proveListing: ['operator', 'compliance', 'auditor', 'admin'],
  openProof: ['compliance', 'admin'],
  verifyProof: ROLES,
  replayClearance: ['operator', 'compliance', 'auditor', 'admin'],
  reportClearances: ['operator', 'compliance', 'auditor', 'admin'],
  reportLists: ['operator', 'compliance', 'auditor', 'admin'],
  showListReport: ['operator', 'compliance', 'auditor', 'admin'],
  createFetch: ['compliance', 'admin'],
  listFetches: ['compliance', 'admin'],
  removeFetch: ['compliance', 'admin'],
  createWebhookEndpoint: ['integration', 'admin'],
  listWebhookEndpoints: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  readWebhookEndpoint: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  editWebhookEndpoint: ['integration', 'admin'],
  endWebhookEndpoint: ['integration', 'admin'],
  rotateWebhookEndpointSecret: ['integration', 'admin'],
  pauseWebhookEndpoint: ['integration', 'admin'],
  resumeWebhookEndpoint: ['integration', 'admin'],
  testWebhookEndpoint: ['integration', 'admin'],
  listWebhookDeliveries: ['operator', 'compliance', 'auditor', 'integration', 'admin'],
  redeliverWebhook: ['integration', 'admin'],
  redeliverWebhooks: ['integration', 'admin'],
  readConfirmation: ['operator', 'compliance', 'integration', 'admin'],
  mintConfirmationLink: ['operator', 'compliance', 'integration', 'admin'],
  mintLink: ['operator', 'compliance', 'integration', 'admin'],
  recordSubjectRequest: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  listSubjectRequests: ['operator', 'compliance', 'auditor', 'admin'],
  readSubjectRequest: ['operator', 'compliance', 'auditor', 'admin'],
  reportRetention: ['operator', 'compliance', 'auditor', 'admin'],
  showRetentionReport: ['operator', 'compliance', 'auditor', 'admin'],
  readRetention: ['agent', 'operator', 'compliance', 'auditor', 'admin'],
  placeHold: ['compliance', 'admin'],
  placeHoldOnLead: ['compliance', 'admin'],
  listHolds: ['compliance', 'auditor', 'admin'],
  readHold: ['compliance', 'auditor', 'admin'],
  askHoldRelease: ['compliance', 'admin'],
  approveHoldRelease: ['compliance', 'admin'],
  sendSubjectCode: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  mintSubjectCode: ['operator', 'compliance', 'integration', 'admin'],
  verifySubjectRequest: ['agent', 'operator', 'compliance', 'integration', 'admin'],
  vouchForSubjectRequest: ['compliance', 'admin'],
  fulfilSubjectRequest: ['compliance', 'admin'],
  refuseSubjectRequest: ['compliance', 'admin'],
  withdrawSubjectRequest: ['compliance', 'admin'],
  readSubjectAnswer: ['compliance', 'admin'],
  correctLead: ['compliance', 'admin'],
  listOpenSubjectRequests: ['operator', 'compliance', 'auditor', 'admin'],
  showOwnRequest: 'public',
  actOnOwnRequest: 'public',
  fetchOwnAnswer: 'public',
  orderDisposal: ['compliance', 'admin'],
  approveDisposal: ['compliance', 'admin'],
  withdrawDisposal: ['compliance', 'admin'],
  approve: ['compliance', 'admin'],
  readDisposal: ['operator', 'compliance', 'auditor', 'admin'],
  certifyDisposal: ['operator', 'compliance', 'auditor', 'admin'],
  waiveStore: ['compliance', 'admin'],
  listOpenDisposals: ['operator', 'compliance', 'auditor', 'admin'],
  showConfirmation: 'public',
  confirmConsent: 'public',
  showPreferences: 'public',
  changePreferences: 'public',
  checkAlive: 'public',
  checkReady: 'public',
  describeApi: ROLES,
  showDocumentation: ROLES,
  readDocumentationFile: ROLES,
};

const CELLS = routes.flatMap((route) => ROLES.map((role) => ({ operation: route.operation, role, route })));
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  await api.call('POST', '/v1/webhook-sources', { body: { id: 'signing', provider: 'standard', source: SOURCE.id } });
});
afterAll(() => api.stop());

async function request(route: (typeof routes)[number], as: Role | null, authorization?: string) {
  if (route.person) {
    // Pages, refusals included: a token that nobody was given leads nowhere, with whatever key.
    const reply = await fetch(api.url + route.path.replace('{token}', 'A'.repeat(22)), {
      method: route.method, ...(route.method === 'post' ? { body: new URLSearchParams({ action: 'confirm' }) } : {}),
      headers: as === null ? {} : { authorization: `Bearer ${api.keys[as]}` },
    });
    return { status: reply.status, json: undefined, headers: reply.headers };
  }
  const values = { id: UNKNOWN, releaseId: UNKNOWN, deliveryId: UNKNOWN, file: 'start.js', provider: 'signing', jurisdiction: 'US' };
  const path = Object.entries(values).reduce((found, [name, value]) => found.replace(`{${name}}`, value), route.path);
  const headers = authorization === undefined ? {} : { authorization };
  return api.call(route.method.toUpperCase(), path, { as, headers, ...(route.body ? { body: {} } : {}) });
}

describe('the permission table', () => {
  it('has a row for every operation and no other', () => {
    expect(Object.keys(TABLE).sort()).toEqual(routes.map((route) => route.operation).sort());
  });

  it.each(CELLS)('$operation as $role is as the table says [ASVS 8.2.1] [API5:2023]', async ({ operation, role, route }) => {
    const allowed = TABLE[operation];
    const { status, json } = await request(route, role);
    if (allowed === 'signed') expect([status, json.code]).toEqual([401, 'invalid_signature']);
    else if (allowed === 'public' || allowed?.includes(role)) expect([401, 403]).not.toContain(status);
    else expect([status, json.code]).toEqual([403, 'forbidden']);
  });

  it.each(routes)('$operation needs a key, unless it is public or signed [ASVS 8.3.1] [API2:2023]', async (route) => {
    const { status, json, headers } = await request(route, null);
    if (route.roles === 'public') return expect(status).toBe(route.person ? 404 : 200);
    if (route.roles === 'signed') return expect([status, json.code]).toEqual([401, 'invalid_signature']);
    expect([status, json.code]).toEqual([401, 'unauthenticated']);
    expect(headers.get('www-authenticate')).toContain('Bearer');
    return undefined;
  });

  it('takes a key by Basic only where a browser opens a page', async () => {
    const basic = `Basic ${Buffer.from(`anybody:${api.keys.admin}`).toString('base64')}`;
    for (const route of routes.filter((each) => each.roles !== 'public')) {
      const { status } = await request(route, null, basic);
      expect([route.operation, status]).toEqual([route.operation, route.basic ? 200 : 401]);
    }
  });
});

describe('what is revealed', () => {
  it.each(ROLES)('as %s is as the table says [ASVS 8.2.3] [API3:2023]', async (role) => {
    const { json } = await api.call('POST', '/v1/leads', { body: leadBody() });
    const reply = await api.call('GET', `/v1/leads/${json.leadId}?reveal=phone`, { as: role, headers: { 'access-reason': 'test of roles' } });
    expect(reply.status).toBe(REVEALERS.includes(role) ? 200 : 403);
    const { rows } = await api.context.db.selectFrom('access_log').selectAll().where('lead_id', '=', json.leadId).execute().then((rows) => ({ rows }));
    expect(rows).toHaveLength(REVEALERS.includes(role) ? 1 : 0);
  });
});
