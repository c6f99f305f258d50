import { ActivityFailure, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { certificateCard } from '../domain/certificate.ts';

// Three days in all: TrustedForm keeps a certificate for so long unless it is claimed.
const { askProvider } = proxyActivities<Activities>({
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '3d',
  retry: { initialInterval: '5s', backoffCoefficient: 3, maximumInterval: '2h' },
});

const { giveUpCertificate } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });

/**
 * One question to the third party that issued the certificate of a consent, asked again until there is an answer or three days
 * have passed. Without an answer the certificate stays unverified.
 */
export async function verifyCertificate(checkId: string): Promise<void> {
  setCurrentDetails(certificateCard(null));
  try {
    setCurrentDetails(certificateCard(await askProvider(checkId)));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    setCurrentDetails(certificateCard(await giveUpCertificate(checkId)));
    throw error;
  }
}
