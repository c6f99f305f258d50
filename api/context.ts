import type { Logger } from 'pino';
import type { Db } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import type { Gate } from '../gate/gate.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import type { Announcer } from './announcer.ts';
import type { WebhookDesk } from './webhook-desk.ts';

/** Everything a request can reach, built once by the composition root. */
export interface ApiContext {
  db: Db;
  /** Connections that nothing keeps busy but clearances and the look-ups of keys. */
  hotDb: Db;
  vault: Vault;
  /** Answers who may be contacted. */
  gate: Gate;
  /** Whether there is a database that can be asked whether numbers were reassigned. */
  asksReassigned: boolean;
  /** Takes webhooks in. */
  webhooks: WebhookDesk;
  /** The address under which the outside reaches this API, or null where it is the one that is asked for. */
  publicUrl: string | null;
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
  /** Whether events may be sent to addresses inside the house. */
  webhooksPrivate: boolean;
  requestsPerMinute: number;
  /** What one address may ask of the pages for persons. */
  visitsPerMinute: number;
  /** How long a request waits before it is made sure that the database answers at all. */
  patienceMs: number;
  /** Proxies of ours in front, whose word counts about where a request came from. */
  proxyHops: number;
}
