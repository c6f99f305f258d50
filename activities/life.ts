import type { LeadAction } from '../domain/lead.ts';
import type { LeadReview } from '../domain/lead-card.ts';
import type { EndingStep } from './ending.ts';

/** What a wake of a lead came to: its review, after whatever that asked for was done. */
export interface LivedReview extends LeadReview {
  /** How far its end has come; left out where there is none. */
  ending?: Omit<EndingStep, 'isDone'>;
}

interface Looking {
  reviewLead(this: void, leadId: string): Promise<LeadReview>;
}

type Ends = Record<'archiveLead' | 'bringBackLead' | 'disposeLead', (leadId: string) => Promise<EndingStep>>;

/** Brought back, archived again and disposed of: more than this in one go is for another look. */
const MOST_STEPS = 4;

/**
 * The one activity of a lead's life. Looking, doing what the end of a life asks for and looking again is a single event in the
 * history of the workflow: a whole life stays within forty. Each part is committed by itself and can be called again at any
 * point.
 */
export function createLifeActivities({ reviewLead: look }: Looking, ends: Ends) {
  const endBy: Record<LeadAction, Ends[keyof Ends]> = {
    archive: ends.archiveLead, bring_back: ends.bringBackLead, dispose: ends.disposeLead,
  };
  return {
    async reviewLead(leadId: string): Promise<LivedReview> {
      let review: LivedReview = await look(leadId);
      for (let step = 0; review.action; step += 1) {
        const { isDone, ...ending } = await endBy[review.action](leadId);
        if (!isDone || step === MOST_STEPS) return { ...review, ending };
        review = { ...await look(leadId), ...(ending.certificateId === undefined ? {} : { ending }) };
      }
      return review;
    },
  };
}
