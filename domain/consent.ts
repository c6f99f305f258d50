export const CHANNELS = ['call', 'sms', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * The closed tree of purposes: a purpose covers everything below it, so a withdrawal of `marketing` reaches
 * `marketing.own`, while a grant of `marketing.own` never reaches `marketing`.
 */
export const PURPOSES = ['marketing', 'marketing.own', 'marketing.partner', 'survey', 'service', 'service.renewal'] as const;
export type Purpose = (typeof PURPOSES)[number];

export const GRADES = ['implied', 'express', 'express_written'] as const;
export type Grade = (typeof GRADES)[number];

export const CONSENT_EVENT_KINDS = ['granted', 'confirmed', 'revoked', 'expired', 'annulled'] as const;
export type ConsentEventKind = (typeof CONSENT_EVENT_KINDS)[number];

/** `waiting`: on record, but a withdrawal stands and only the person's own, explicit act restores what was withdrawn. */
export type ConsentEffect = 'in_force' | 'waiting';

export interface ConsentEvent {
  id: string;
  kind: ConsentEventKind;
  /** `all` in withdrawals only, as for the purpose. */
  channel: Channel | 'all';
  purpose: Purpose | 'all';
  grade: Grade;
  effect: ConsentEffect;
  /** It came along with an acquisition or in a file: such a consent never undoes a withdrawal that is on record here. */
  carried: boolean;
  /** When the person did it; the order of the ledger. */
  happenedAt: Date;
  receivedAt: Date;
  expiresAt: Date | null;
  confirmation: 'none' | 'double_opt_in';
  /** The file that brought it, for a move from another system; left out or null for what was reported here. */
  file?: ConsentFile | null;
}

/**
 * The ledger of another system that an event was read from. `path` names the file, and behind a slash the one that it had come
 * to that system in. `ownAct`: there the person gave the consent for its own sake; within that ledger it undoes a withdrawal.
 */
export interface ConsentFile {
  path: string;
  ownAct: boolean;
}

/** Whether what one file says can bear on what another one, or this store, says: it speaks for itself and what is in it only. */
export function speaksFor(by: ConsentFile | null | undefined, of: ConsentFile | null | undefined): boolean {
  if (!by) return true;
  return of?.path === by.path || of?.path.startsWith(`${by.path}/`) === true;
}

/** What somebody can say about how a consent was given; free text and addresses among it are personal data. */
export interface ConsentEvidence {
  textVersion?: string | undefined;
  method?: string | undefined;
  url?: string | undefined;
  language?: string | undefined;
  certificate?: string | undefined;
  ipDigest?: string | undefined;
  fileDigest?: string | undefined;
  statement?: string | undefined;
}

/**
 * The grade of a consent whose giver did not name one: written when both the text and the way of agreeing are on record,
 * express when there is any evidence, implied when there is none.
 */
export function gradeOf(given: Grade | undefined, evidence: ConsentEvidence | undefined): Grade {
  if (given) return given;
  if (evidence?.textVersion && evidence.method) return 'express_written';
  const some = evidence && Object.values(evidence).some((value) => value !== undefined && value !== '');
  return some ? 'express' : 'implied';
}

/** Whether a purpose is another one or stands above it. */
export function covers(wider: Purpose, narrower: Purpose): boolean {
  return narrower === wider || narrower.startsWith(`${wider}.`);
}

/** Whether a consent of one grade is as good as another grade asks for. */
export function isEnough(given: Grade, wanted: Grade): boolean {
  return GRADES.indexOf(given) >= GRADES.indexOf(wanted);
}
