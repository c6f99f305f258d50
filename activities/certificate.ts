import { ApplicationFailure, Context } from '@temporalio/activity';
import { findCheck, outcomeOf, recordAttempt, settleCheck, type CertificateCheck } from '../db/certificate-checks.ts';
import type { Db } from '../db/connection.ts';
import { openFact, openPersonRecords } from '../db/person-records.ts';
import { providerPause, recordProvider } from '../db/provider-breaker.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import { recogniseCertificate, type CertificateOutcome } from '../domain/certificate.ts';
import type { ConsentEvidence } from '../domain/consent.ts';
import { foldRecords } from '../intake/personal-record.ts';
import { sha256Of } from '../proof/digest.ts';
import { adapterOf, type CertifyingSettings } from './certifying/adapters.ts';
import type { CertificateVerdict } from './certifying/certificate-adapter.ts';
import { interrupted, stopAttempt } from './interruption.ts';
import { ProviderFailure, problemWords } from './questioning/provider-failure.ts';

export interface CertificateDependencies {
  db: Db;
  vault: Vault;
  certifying: CertifyingSettings;
  now: () => Date;
  stopping?: AbortSignal | undefined;
}

/** The activities behind a question about a certificate. */
export function createCertificateActivities({ db, vault, certifying, now, stopping }: CertificateDependencies) {
  /** One request, unless the provider has to be left alone. Whether it answered at all is put down for the next one. */
  async function ask(check: CertificateCheck, signal: AbortSignal): Promise<CertificateVerdict> {
    const { provider, lead_id: leadId } = check;
    const evidence = (await openFact(db, vault, leadId, check.consent_id)) as ConsentEvidence | null;
    const certificate = recogniseCertificate(evidence?.certificate);
    const { phone, email } = foldRecords((await openPersonRecords(db, vault, [leadId])).get(leadId) ?? []);
    if (certificate?.provider !== provider || phone === undefined) throw new ProviderFailure('no_data');
    const adapter = await adapterOf(provider, certifying);
    const { company } = (await currentSettings(db)).settings;
    const pauseMs = await providerPause(db, provider, now());
    if (pauseMs > 0) throw new ProviderFailure('paused', pauseMs);
    try {
      const verdict = await adapter.verify(certificate.reference, { phone, email, leadId, company: company.name }, signal);
      await recordProvider(db, provider, true, now());
      return verdict;
    } catch (error) {
      if (error instanceof ProviderFailure) await recordProvider(db, provider, !error.isPassing, now());
      throw error;
    }
  }

  async function settle(check: CertificateCheck, verdict: CertificateVerdict): Promise<CertificateOutcome> {
    const answer = { ...verdict, digest: sha256Of(verdict.answer) };
    return shown(await db.transaction().execute((tx) => settleCheck(tx, vault, check, answer, now())));
  }

  return {
    /**
     * Asks who issued a certificate and keeps the answer, sealed, with its digest. What is answered already is not asked
     * again. No answer is a failure that Temporal tries again, unless trying again cannot help: then it is the outcome.
     */
    async askProvider(checkId: string): Promise<CertificateOutcome> {
      const context = Context.current();
      const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
      try {
        const check = await requireCheck(db, checkId);
        if (check.ended_at !== null) return shown(check);
        return await settle(check, await ask(check, signal));
      } catch (error) {
        if (signal.aborted) return await stopAttempt(context, 'question');
        if (!(error instanceof ProviderFailure)) throw interrupted(error, 'question');
        const { code, isPassing, message, retryAfterMs } = error;
        await recordAttempt(db, checkId, { problem: code, tried: code !== 'paused', ended: !isPassing }, now());
        if (!isPassing) return shown(await requireCheck(db, checkId));
        const later = retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs };
        throw ApplicationFailure.create({ message, type: code, ...later });
      }
    },

    /** Puts down that nobody answered in all the time there was. The certificate stays unverified. */
    async giveUpCertificate(checkId: string): Promise<CertificateOutcome> {
      const { problem } = await requireCheck(db, checkId);
      await recordAttempt(db, checkId, { problem: problem ?? 'unreachable', tried: false, ended: true }, now());
      return shown(await requireCheck(db, checkId));
    },
  };
}

async function requireCheck(db: Db, id: string): Promise<CertificateCheck> {
  const check = await findCheck(db, id);
  if (check) return check;
  throw ApplicationFailure.nonRetryable('There is no check of this id in the database.', 'unknown_check');
}

function shown(check: CertificateCheck): CertificateOutcome {
  const outcome = outcomeOf(check);
  return { ...outcome, problem: problemWords(outcome.problem) };
}
