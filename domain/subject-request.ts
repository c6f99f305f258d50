/** What a person can ask of what is held about them: GDPR art. 15, 20, 16, 17 and 21, and their like elsewhere. */
export const SUBJECT_REQUEST_KINDS = ['access', 'portability', 'correction', 'erasure', 'objection'] as const;
export type SubjectRequestKind = (typeof SUBJECT_REQUEST_KINDS)[number];
