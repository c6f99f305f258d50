/** What one caller may ask of one API process. Generous for programs at work, small enough to bound what they can use up. */
export const LIMITS = {
  jsonBodyBytes: 1_000_000,
  /** How long a JSON body may take to arrive. */
  jsonBodyMs: 20_000,
  /** How much of a body that is refused anyway is read on, so that the answer reaches a caller that is still sending. */
  discardedBytes: 64_000_000,
  discardingMs: 15_000,
  headersMs: 15_000,
  /** How much of a file is looked at to say how it would be read. */
  previewBytes: 256_000,
  /** How long an upload may stand still. */
  uploadIdleMs: 60_000,
  keepAliveMs: 65_000,
  stopMs: 10_000,
  requestsPerMinute: 60_000,
  /** Of pages for persons, by one address. */
  visitsPerMinute: 60,
  /** How long a request waits before it is made sure that the database answers at all, and how long that may take. */
  patienceMs: 8_000,
  pingMs: 2_000,
  /** How long an answer waits for the workflow to hear of it. */
  announcementMs: 250,
  /** How many numbers can be checked at once. */
  numbersChecked: 10_000,
  /** The same as lines of a text, which are looked up so many at a time. */
  linesChecked: 200_000,
  linesBytes: 4_000_000,
  /** How long no immediate attempt is made after one that failed or took too long; the relay delivers in any case. */
  announcementPauseMs: 5_000,
  pageSize: 50,
  maxPageSize: 200,
  idempotencyDays: 1,
  /** Of a file of suppressions, which is answered once it is done with. */
  suppressionRows: 5_000_000,
} as const;
