import { apiKeyRoutes } from './api-keys.ts';
import { approvalRoutes } from './approvals.ts';
import { clearanceRoutes } from './clearances.ts';
import { closureRoutes } from './closures.ts';
import { consentExportRoutes } from './consent-exports.ts';
import { consentImportRoutes } from './consent-imports.ts';
import { consentProofRoutes } from './consent-proofs.ts';
import { consentRoutes } from './consents.ts';
import { confirmationRoutes } from './confirmations.ts';
import { correctionRoutes } from './corrections.ts';
import { verificationRoutes } from './consent-verifications.ts';
import { contactRoutes } from './contacts.ts';
import { disposalRoutes } from './disposals.ts';
import { dncCheckRoutes } from './dnc-check.ts';
import { dncFetchRoutes } from './dnc-fetches.ts';
import { dncListRoutes } from './dnc-lists.ts';
import { dncDecisionRoutes } from './dnc-release-decisions.ts';
import { dncReleaseRoutes } from './dnc-releases.ts';
import { withDocuments } from './documents.ts';
import { healthRoutes } from './health.ts';
import { importRoutes } from './imports.ts';
import { keyRotationRoutes } from './key-rotations.ts';
import { leadRetentionRoutes } from './lead-retention.ts';
import { leadRoutes } from './leads.ts';
import { legalHoldRoutes } from './legal-holds.ts';
import { linkRoutes } from './links.ts';
import { listReportRoutes } from './list-reports.ts';
import { confirmationPageRoutes } from './person/confirm.ts';
import { preferencesRoutes } from './person/preferences.ts';
import { requestPageRoutes } from './person/requests.ts';
import { portingRoutes } from './portings.ts';
import { proofRoutes } from './proofs.ts';
import { queueRoutes } from './queues.ts';
import { reassignedRoutes } from './reassigned.ts';
import { relationshipRoutes } from './relationships.ts';
import { replayRoutes } from './replays.ts';
import { reportRoutes } from './reports.ts';
import { retentionReportRoutes } from './retention-reports.ts';
import { retrievalRoutes } from './retrievals.ts';
import { settingsRoutes } from './settings.ts';
import { settingsPreviewRoutes } from './settings-preview.ts';
import { suspensionRoutes } from './source-suspensions.ts';
import { policyRoutes } from './policies.ts';
import { sourceRoutes } from './sources.ts';
import { subjectAnswerRoutes } from './subject-answers.ts';
import { subjectStepRoutes } from './subject-request-steps.ts';
import { subjectRequestRoutes } from './subject-requests.ts';
import { suppressionExportRoutes } from './suppression-exports.ts';
import { suppressionImportRoutes } from './suppression-imports.ts';
import { suppressionRoutes } from './suppressions.ts';
import { webhookSourceRoutes } from './webhook-sources.ts';
import { webhookRoutes } from './webhooks.ts';
import { webhookDeliveryRoutes } from './webhook-deliveries.ts';
import { webhookEndpointRoutes } from './webhook-endpoints.ts';
import { endpointStepRoutes } from './webhook-endpoint-steps.ts';

/** Everything this API can be asked: the one table behind routing, checks, permissions and description. */
export const routes = withDocuments([
  ...sourceRoutes, ...suspensionRoutes, ...closureRoutes,
  ...leadRoutes, ...consentRoutes, ...relationshipRoutes, ...reassignedRoutes, ...contactRoutes, ...portingRoutes,
  ...retrievalRoutes, ...verificationRoutes, ...consentProofRoutes, ...consentImportRoutes, ...consentExportRoutes,
  ...importRoutes, ...clearanceRoutes, ...proofRoutes, ...replayRoutes, ...reportRoutes, ...listReportRoutes,
  ...suppressionImportRoutes, ...suppressionExportRoutes, ...suppressionRoutes,
  ...webhookSourceRoutes, ...webhookRoutes,
  ...dncListRoutes, ...dncReleaseRoutes, ...dncDecisionRoutes, ...dncCheckRoutes, ...dncFetchRoutes,
  ...webhookEndpointRoutes, ...endpointStepRoutes, ...webhookDeliveryRoutes,
  ...confirmationRoutes, ...linkRoutes,
  ...subjectRequestRoutes, ...subjectStepRoutes, ...subjectAnswerRoutes, ...correctionRoutes,
  ...confirmationPageRoutes, ...preferencesRoutes, ...requestPageRoutes,
  ...leadRetentionRoutes, ...legalHoldRoutes, ...retentionReportRoutes, ...disposalRoutes, ...approvalRoutes,
  ...queueRoutes, ...settingsRoutes, ...settingsPreviewRoutes, ...policyRoutes,
  ...apiKeyRoutes, ...keyRotationRoutes, ...healthRoutes,
]);
