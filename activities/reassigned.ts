import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import { outboxBacklog } from '../db/outbox.ts';
import { openPersonRecords } from '../db/person-records.ts';
import { providerPause, recordProvider } from '../db/provider-breaker.ts';
import {
  askAbout, countAskedAhead, findReassignedCheck, leadsToAskAhead, recordReassignedAttempt, settleReassignedCheck,
  type DatabaseAnswer, type ReassignedCheck,
} from '../db/reassigned-checks.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { POLICIES } from '../domain/policies/book.ts';
import type { AskedAhead, ReassignedOutcome } from '../domain/reassigned-card.ts';
import { checksIn, dayToAskAbout, latestReports } from '../domain/reassigned.ts';
import { peopleOfLeads } from '../gate/people.ts';
import { foldRecords } from '../intake/personal-record.ts';
import { interrupted, stopAttempt } from './interruption.ts';
import { ProviderFailure, problemWords } from './questioning/provider-failure.ts';
import { reassignedDatabase, type ReassignedSettings } from './questioning/reassigned-databases.ts';

export interface ReassignedDependencies {
  db: Db;
  vault: Vault;
  reassigned: ReassignedSettings;
  now: () => Date;
  log: { warn: (fields: object, text: string) => void };
  stopping?: AbortSignal | undefined;
}

const HEARTBEAT_MS = 2_000;
const BATCH = 500;
const MOST_LOOKED_AT = 500_000;
/** Messages that may wait in the bulk lane: no more is asked ahead while there are so many. */
const MOST_WAITING = 20_000;
/** A lead whose question failed is not asked about ahead again for so long. */
const AHEAD_AGAIN_AFTER = 'P1D';

export type ReassignedActivities = ReturnType<typeof createReassignedActivities>;

/** The activities behind questions to a database of reassigned numbers. */
export function createReassignedActivities({ db, vault, reassigned, now, log, stopping }: ReassignedDependencies) {
  /** One request, unless the database has to be left alone. Whether it answered at all is put down for the next one. */
  async function ask({ lead_id: leadId }: ReassignedCheck, signal: AbortSignal): Promise<DatabaseAnswer> {
    const at = now();
    const person = (await peopleOfLeads(db, [leadId], at)).get(leadId);
    const { phone } = foldRecords((await openPersonRecords(db, vault, [leadId])).get(leadId) ?? []);
    const since = person ? dayToAskAbout(person.facts, at) : null;
    if (phone === undefined || since === null) throw new ProviderFailure('no_number');
    const database = await reassignedDatabase(reassigned);
    const pauseMs = await providerPause(db, 'reassigned', at);
    if (pauseMs > 0) throw new ProviderFailure('paused', pauseMs);
    try {
      const answer = await database.ask({ phone, since }, signal);
      await recordProvider(db, 'reassigned', true, now());
      return { answer, asked_at: at, known_good_at: new Date(since) };
    } catch (error) {
      if (error instanceof ProviderFailure) await recordProvider(db, 'reassigned', !error.isPassing, now());
      throw error;
    }
  }

  return {
    /**
     * Asks whether a number was reassigned and puts the answer on the books in one transaction. What is settled is not asked
     * again. No answer is a failure that Temporal tries again, unless trying again cannot help: then it is the outcome.
     */
    async askDatabase(checkId: string): Promise<ReassignedOutcome> {
      const context = Context.current();
      const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        const check = await requireCheck(db, checkId);
        if (check.ended_at !== null) return shown(check);
        const answer = await ask(check, signal);
        return shown(await db.transaction().execute((tx) => settleReassignedCheck(tx, check, answer, now())));
      } catch (error) {
        if (signal.aborted) return await stopAttempt(context, 'question');
        if (!(error instanceof ProviderFailure)) throw interrupted(error, 'question');
        const { code, isPassing, message, retryAfterMs } = error;
        if (code !== 'paused') log.warn({ event: 'reassigned.unanswered', check: checkId, problem: code }, 'a question about a reassigned number has no answer');
        await recordReassignedAttempt(db, checkId, { problem: code, tried: code !== 'paused', ended: !isPassing }, now());
        if (!isPassing) return shown(await requireCheck(db, checkId));
        const later = retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs };
        throw ApplicationFailure.create({ message, type: code, ...later });
      } finally {
        clearInterval(beat);
      }
    },

    /** Puts down that nobody answered in all the time there was. The lead stays as it is. */
    async giveUpDatabase(checkId: string): Promise<ReassignedOutcome> {
      const { problem } = await requireCheck(db, checkId);
      await recordReassignedAttempt(db, checkId, { problem: problem ?? 'unreachable', tried: false, ended: true }, now());
      return shown(await requireCheck(db, checkId));
    },

    /** Asks about leads that nothing else keeps from being called, as many a day as the settings say. Begins anew if cut off. */
    async askAhead(): Promise<AskedAhead> {
      const context = Context.current();
      return askRound(db, reassigned.url, now(), (lookedAt) => context.heartbeat(lookedAt));
    },
  };
}

async function askRound(db: Db, url: string | null, at: Date, onPage: (lookedAt: number) => void): Promise<AskedAhead> {
  const { required, askAhead: perDay = 0 } = (await currentSettings(db)).settings.reassigned;
  const idle = idleness(required, url, perDay);
  if (idle) return { idle, lookedAt: 0, asked: 0, left: 0 };
  const left = Math.max(perDay - await countAskedAhead(db, plus(at, 'P1D', -1), perDay), 0);
  const round = { idle, lookedAt: 0, asked: 0, left };
  const notSince = plus(at, AHEAD_AGAIN_AFTER, -1);
  let before: string | null = null;
  while (round.left > 0 && round.lookedAt < MOST_LOOKED_AT && (await outboxBacklog(db, MOST_WAITING)).bulk < MOST_WAITING) {
    const leads = await leadsToAskAhead(db, { ...placesWithDatabase(at), notSince, before }, BATCH);
    const fitting = leads.filter(({ fits }) => fits).map(({ id }) => id).slice(0, round.left);
    const asked = await askAbout(db, fitting, { by: 'ahead', at, notSince, lane: 1 });
    round.lookedAt += leads.length;
    round.asked += asked.length;
    round.left -= asked.length;
    onPage(round.lookedAt);
    before = leads.at(-1)?.id ?? null;
    if (leads.length < BATCH) break;
  }
  return round;
}

function idleness(required: boolean, url: string | null, perDay: number): AskedAhead['idle'] {
  if (!required) return 'not_required';
  if (url === null) return 'not_configured';
  return perDay === 0 ? 'none_allowed' : null;
}

function placesWithDatabase(at: Date): { jurisdictions: string[]; reportedAt: Date } {
  const pages = [...POLICIES.values()].filter(({ values }) => values.reassigned_check);
  const reportedAt = latestReports(checksIn(pages), at) ?? new Date(0);
  return { jurisdictions: pages.map(({ jurisdiction }) => jurisdiction), reportedAt };
}

async function requireCheck(db: Db, id: string): Promise<ReassignedCheck> {
  const check = await findReassignedCheck(db, id);
  if (check) return check;
  throw ApplicationFailure.nonRetryable('There is no check of this id in the database.', 'unknown_check');
}

function shown({ answer, problem }: ReassignedCheck): ReassignedOutcome {
  return { answer, problem: problemWords(problem) };
}
