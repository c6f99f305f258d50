/** What a person can ask of what is held about them: GDPR art. 15, 20, 16, 17 and 21, and their like elsewhere. */
export const SUBJECT_REQUEST_KINDS = ['access', 'portability', 'correction', 'erasure', 'objection'] as const;
export type SubjectRequestKind = (typeof SUBJECT_REQUEST_KINDS)[number];

/** How far a request has come; the last three are its ends. */
export const SUBJECT_REQUEST_STATES = ['received', 'identifying', 'in_progress', 'fulfilled', 'refused', 'withdrawn'] as const;
export type SubjectRequestState = (typeof SUBJECT_REQUEST_STATES)[number];

/** On what ground a request may be refused: GDPR art. 11(2), 12(5)-(6), 15(4), 17(3), and their like elsewhere. */
export const REFUSAL_GROUNDS = ['not_identified', 'manifestly_unfounded', 'excessive', 'rights_of_others', 'legal_duty', 'legal_claims'] as const;

/** What can be done about a request. Names are added and never changed: they are evidence. */
export const STEP_KINDS = [
  'received', 'code_asked', 'code_sent', 'code_not_sent', 'code_handed_over', 'code_wrong', 'identified', 'vouched',
  'marketing_ended', 'erasure_ordered', 'held', 'retrieval_ordered', 'disposal_opened', 'erased_in_part', 'disposed', 'corrected',
  'handed_over', 'nothing_held', 'due_soon', 'urgent', 'overdue', 'fulfilled', 'refused', 'withdrawn',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** What is kept in spite of an erasure: which evidence, by which rule of law, until when. Instants are RFC 3339 text. */
export interface KeptData {
  protects: string;
  rule: string;
  jurisdiction: string | null;
  source: string;
  until: string;
}

/** Everything but to be left alone could be asked by a stranger who has somebody's link: it takes a code as well. */
export function needsCode(kind: SubjectRequestKind): boolean {
  return kind !== 'objection';
}

/** How long a code can be used, how often it can be tried, and how many a person is sent in a day. */
export const CODE_VALID_FOR = 'PT30M';
export const CODE_TRIES = 5;
export const CODES_A_DAY = 3;

/** How long a person who has shown who they are can fetch the answer. */
export const ANSWER_VALID_FOR = 'P14D';
