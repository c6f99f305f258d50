import type { Db, Tx } from '../db/connection.ts';
import type { CopyPool } from '../db/copy.ts';
import { findReplay, hasFullBefore, insertRelease, tellRelease, type DncReleaseState } from '../db/dnc-releases.ts';
import { lockList } from '../db/dnc-lists.ts';
import type { Vault } from '../db/vault.ts';
import { DomainError } from '../domain/problem.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { kindsOf, readFormat, type ReleaseKind } from './list-format.ts';

export { removeListFile, storeListFile, type StoredFile } from './list-folder.ts';

/** What it takes to bring releases into force. */
export interface ReleaseDeps {
  db: Db;
  /** Connections for whole tables of rows: two for each release that is worked on. */
  pool: CopyPool;
  vault: Vault;
  /** Null: releases are not signed. */
  signing: SigningKeys | null;
  listFolder: string;
  now: () => Date;
}

/** A release as it is asked for, with its file stored under its id. */
export interface NewRelease {
  id: string;
  list: string;
  kind: ReleaseKind;
  /** As it was asked for (list-format.ts). */
  format: string;
  op: 'add' | 'remove' | null;
  areaCodes: number[] | 'in-file' | null;
  asOf: Date;
  dryRun: boolean;
  receivedAt: Date;
  receivedBy: string;
  sha256: string;
  sizeBytes: number;
}

export interface Received {
  releaseId: string;
  /** The same file was received before as the same release, which this answers; the file just stored is of no use. */
  replayOf: boolean;
  state: DncReleaseState;
}

/**
 * Puts a release down and leaves word for its workflow. Throws a DomainError for what can never come into force:
 * `unknown_list`, `release_in_future`, `change_without_base`, and `invalid_request` where format and kind do not fit.
 */
export async function receiveRelease(tx: Tx, release: NewRelease): Promise<Received> {
  checkRelease(release);
  const list = await lockList(tx, release.list);
  if (!list) throw new DomainError('unknown_list', 'Register the list first.');
  const row = {
    id: release.id,
    list_id: release.list,
    kind: release.kind,
    format: release.format,
    op: release.op,
    area_codes: release.areaCodes === null ? null : JSON.stringify(release.areaCodes),
    as_of: release.asOf,
    dry_run: release.dryRun,
    received_at: release.receivedAt,
    received_by: release.receivedBy,
    size_bytes: BigInt(release.sizeBytes),
    sha256: release.sha256,
  };
  const replay = await findReplay(tx, row);
  if (replay) return { releaseId: replay.id, replayOf: true, state: replay.state };
  const hasBase = release.kind === 'full' || list.release_id !== null || (await hasFullBefore(tx, release.list, release.asOf));
  if (!hasBase) throw new DomainError('change_without_base', 'Send a full release of the list first.');
  await insertRelease(tx, row);
  await tellRelease(tx, release.id, release.receivedAt);
  return { releaseId: release.id, replayOf: false, state: 'receiving' };
}

/** What can be said of a release before its file is there; receiveRelease checks it again. Throws a DomainError. */
export function checkRelease(release: Pick<NewRelease, 'kind' | 'format' | 'op' | 'areaCodes' | 'asOf' | 'receivedAt'>): void {
  const { kind, op, areaCodes, asOf, receivedAt } = release;
  const format = readFormat(release.format);
  const refuse = (pointer: string, detail: string) => {
    throw new DomainError('invalid_request', 'The release cannot be read like that.', [{ pointer, code: 'not_applicable', detail }]);
  };
  const kinds = kindsOf(format);
  if (!kinds.includes(kind)) refuse('?kind', `a file of this format is a ${kinds.join(' or a ')} release`);
  const saysItself = format.kind === 'ftc_change_csv' || format.kind === 'ftc_change_xml' || (format.kind === 'delimited' && format.action);
  if (kind === 'change' && !saysItself && op === null) refuse('?op', 'must be add or remove: the file does not say it itself');
  if (op !== null && (kind === 'full' || saysItself)) refuse('?op', 'is for change files that do not say it themselves');
  if (areaCodes !== null && kind === 'change') refuse('?areaCodes', 'is for full releases');
  if (asOf > receivedAt) throw new DomainError('release_in_future', 'Give the moment that the registry states for the file.');
}
