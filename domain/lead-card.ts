import { blockerWords } from './blocker-words.ts';
import type { LeadAction } from './lead.ts';

/** A review as it travels to the workflow: the same words, instants as RFC 3339 text. */
export interface ReviewSummary {
  stage: string;
  consentState: string;
  dncState: string;
  reviewAt: string | null;
  archiveDueAt: string | null;
  retainUntil: string | null;
  consentUntil: string | null;
  why: string[];
  /** What stands against a marketing call, the strongest first. Reviews in the history of running leads may lack these three. */
  blockers?: string[];
  cooldownUntil?: string | null;
  contactableFrom?: string | null;
  /** The strongest of the blockers that no passing of time removes, or `none`. Reviews of earlier versions do not say. */
  standing?: string;
  /** Left out where no order not to dispose of it stands; `keeps`: it is all that keeps the lead. */
  hold?: 'stands' | 'keeps';
  /** Of a lead that was disposed of: which disposal. Reviews of earlier versions do not say. */
  certificateId?: string;
}

/** A review as the workflow lives by it. Waiting times are relative, so that a shifted clock shifts them with it. */
export interface LeadReview extends ReviewSummary {
  reviewInMs: number | null;
  /** How much later will do: the clocks of workflow and activity never quite agree. Reviews of the first version have none. */
  slackMs?: number;
  /** What is to be done about its end now; left out where nothing is, as in reviews of earlier versions. */
  action?: LeadAction;
  /** Requests for confirmation that have yet to be sent; left out where there are none, as in reviews of earlier versions. */
  requests?: string[];
}

const STAGE_MEANINGS: Record<string, string> = {
  acquired: 'On the books; its first review is under way.',
  confirming: 'Waits for the person to confirm the consent.',
  active: 'May be asked about. Whether it may be contacted right now is for a clearance to say.',
  suppressed: 'Must not be contacted. Only an event from outside can change that.',
  archived: 'Out of use: its personal data has left the hot tables.',
  disposed: 'Its personal data has been destroyed.',
};

/** How far the end of a lead has come. */
export interface EndingSummary {
  /** What it waits for: names of stores, or `hold`. */
  waitsFor?: readonly string[] | undefined;
  /** Of a disposal: what each store has said so far, in a word. */
  stores?: Readonly<Record<string, string>> | undefined;
  /** Of a disposal that is complete. */
  certificateId?: string | undefined;
}

/**
 * What an operator reads on opening a lead, in Markdown: what it is, why, and what happens next and when. `wakesAt` is when
 * the workflow looks again by itself.
 */
export function leadCard(
  summary: ReviewSummary, wakesAt: string | null, ending: EndingSummary = {},
): string {
  const { waitsFor = [], stores = {}, certificateId = summary.certificateId } = ending;
  const next = [
    [wakesAt, 'the lead is reviewed again (at once when something happens)'],
    [summary.cooldownUntil, 'the quiet time after the last contact ends'],
    [summary.contactableFrom, 'a marketing call may be asked for, as things stand'],
    [summary.consentUntil, 'the last consent lapses'],
    [archiveComesFirst(summary) ? summary.archiveDueAt : null, 'the personal data is due to leave the hot tables, if nothing happens until then'],
    [summary.retainUntil, 'the last reason to keep the lead ends, and its personal data is due to be destroyed'],
  ].flatMap(([at, what]) => (at ? [`- **${minute(at)}** ${what}`] : []));
  return [
    `### ${summary.stage}`,
    STAGE_MEANINGS[summary.stage] ?? '',
    `Consent: **${summary.consentState}** · do-not-call lists: **${summary.dncState}**`,
    ...waiting(summary.hold === 'keeps' ? ['hold'] : waitsFor),
    '#### Why',
    ...summary.why.map((sentence) => `- ${sentence}`),
    ...(summary.stage === 'disposed' ? [] : against(summary.blockers)),
    ...forgetting(stores),
    ...(certificateId === undefined ? [] : ['#### The certificate', `\`GET /v1/disposals/${certificateId}/certificate\`, checked by anybody with \`npm run verify\`.`]),
    '#### What happens next',
    ...(next.length > 0 ? next.sort() : ['- Nothing more.']),
  ].join('\n\n').replaceAll('\n\n- ', '\n- ');
}

function waiting(waitsFor: readonly string[]): string[] {
  if (waitsFor.length === 0) return [];
  const then = waitsFor.includes('hold') ? 'It goes on by itself when the last order not to dispose of it is over.' : 'It is tried again by itself.';
  return [`**Waits for:** ${waitsFor.join(', ')}. ${then}`];
}

function forgetting(stores: Readonly<Record<string, string>>): string[] {
  const lines = Object.entries(stores).map(([store, state]) => `- ${store}: **${state.replaceAll('_', ' ')}**`);
  return lines.length > 0 ? ['#### What has to forget', ...lines] : [];
}

function against(blockers: readonly string[] | undefined): string[] {
  if (!blockers) return [];
  const found = blockers.length > 0 ? blockers.map((code) => `- ${blockerWords(code)}`) : ['- Nothing but the hour.'];
  return ['#### What stands against a marketing call', ...found];
}

/** A lead that is destroyed before it would be archived is never archived. */
function archiveComesFirst({ archiveDueAt, retainUntil }: ReviewSummary): boolean {
  return archiveDueAt !== null && (retainUntil === null || archiveDueAt < retainUntil);
}

function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
