import type { Logger } from 'pino';
import type { Db } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import type { Gate } from '../gate/gate.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import type { Announcer } from './announcer.ts';

/** Everything a request can reach, built once by the composition root. */
export interface ApiContext {
  db: Db;
  /** Connections that nothing keeps busy but clearances and the look-ups of keys. */
  hotDb: Db;
  vault: Vault;
  /** Answers who may be contacted. */
  gate: Gate;
  /** Signs proofs. */
  signing: SigningKeys;
  /** The clock, moved where a rehearsal moves it. */
  now: () => Date;
  log: Logger;
  /** Tells workflows of committed facts right away; what it misses the relay delivers. */
  announcer: Announcer;
  /** Where the Temporal Web UI shows the workflows of this store, or null when it is not known. */
  temporalUi: string | null;
  /** Whether Temporal answers now. Never fails. */
  temporalAnswers: () => Promise<boolean>;
  /** Folder in which uploads are kept until they are imported. */
  uploadFolder: string;
  /** Folder in which files of lists are kept until their release has come to its end. */
  listFolder: string;
  /** How long before a list goes stale it is called so, in days. */
  listWarningDays: number;
  requestsPerMinute: number;
  /** What one address may ask of the pages for persons. */
  visitsPerMinute: number;
  /** Proxies of ours in front, whose word counts about where a request came from. */
  proxyHops: number;
  /** Where persons reach their pages; null where that is the address at which the API was asked. */
  publicUrl: string | null;
}
