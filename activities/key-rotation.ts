import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import { activateEpoch, findEpochInUse, readersBehind } from '../db/key-epochs.ts';
import { findOpenRotation, findRotation, finishRotation, openRotation, recordCourse, type KeyRotation } from '../db/key-rotations.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { stateOf, type RotationReport } from '../domain/rotation-card.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { rewrapAll } from '../keys/rewrapping.ts';
import { interrupted, stopAttempt } from './interruption.ts';
import { releaseReporter } from './release-reporter.ts';

export interface KeyRotationDependencies {
  db: Db;
  vault: Vault;
  keys: KeyRing;
  /** How old the key in use may become before the schedule changes it, in days; 0: the schedule never does. */
  keyRotationDays: number;
  now: () => Date;
  stopping?: AbortSignal | undefined;
}

const LOOK_AGAIN_MS = 1_000;
const NOT_WRITABLE = new Set(['EROFS', 'EACCES', 'EPERM']);

/** The activities behind a rotation of key-encryption keys. Each can be repeated at any time. */
export function createKeyRotationActivities(dependencies: KeyRotationDependencies) {
  const { db, vault, keys, now, stopping } = dependencies;

  async function work(rotationId: string, job: (rotation: KeyRotation, at: Attempt) => Promise<void>): Promise<RotationReport> {
    const context = Context.current();
    const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
    const reporter = releaseReporter(context);
    try {
      await keys.refresh();
      const rotation = await requireRotation(db, rotationId);
      if (rotation.finished_at === null) await job(rotation, { signal, onProgress: (progress) => reporter.report(progress) });
      return reportOf(await requireRotation(db, rotationId));
    } catch (error) {
      if (signal.aborted) return await stopAttempt(context, 'rotation');
      throw interrupted(error, 'rotation');
    } finally {
      reporter.end();
    }
  }

  return {
    /** Makes the next key, unless somebody has put one into the folder that is not in use yet. */
    async beginRotation(askedId: string | null): Promise<{ rotationId: string | null; report: RotationReport }> {
      const found = await rotationFor(dependencies, askedId);
      if (found === null || found instanceof Date) return { rotationId: null, report: notDue(found) };
      const report = await work(found.id, async ({ id, kek }) => {
        if (kek !== null) return;
        const next = await nextKek(vault, keys);
        if (next !== null) await recordCourse(db, id, { kek: next });
        else await finishRotation(db, { id, kek }, 'key_folder_read_only', now());
      });
      return { rotationId: found.id, report };
    },

    /** Uses the new key once every living process can unwrap with it, and waits until none wraps with an older one. */
    activateKey(rotationId: string): Promise<RotationReport> {
      return work(rotationId, async ({ id, kek, activated_at: activatedAt }, { signal, onProgress }) => {
        if (kek === null) throw ApplicationFailure.nonRetryable('A rotation without a key cannot go on.', 'unknown_key');
        const waiting = (count: () => Promise<number>) => untilNobody(async () => {
          await keys.refresh();
          const behind = await count();
          await recordCourse(db, id, { waits_for: behind });
          onProgress({ phase: 'waiting', done: 0, total: null, perSecond: 0, remainingSeconds: null });
          return behind;
        }, signal);
        await waiting(() => activateEpoch(db, kek));
        if (activatedAt === null) await recordCourse(db, id, { activated_at: now() });
        await waiting(() => readersBehind(db, kek));
      });
    },

    /** Wraps the data key of every lead with the new key. */
    rewrapKeys(rotationId: string): Promise<RotationReport> {
      return work(rotationId, async (rotation, { signal, onProgress }) => {
        if (rotation.kek !== vault.wrapsWith) throw ApplicationFailure.retryable('This worker does not wrap with the new key yet.', 'rotation_interrupted');
        const problem = await rewrapAll({ db, vault, onProgress, signal }, rotation);
        await finishRotation(db, rotation, problem, now());
      });
    },
  };
}

type Attempt = { signal: AbortSignal; onProgress: Parameters<typeof rewrapAll>[0]['onProgress'] };

/** What was asked, what is under way, or what is due; else when something will be, null where nothing ever is. */
async function rotationFor(
  { db, keys, keyRotationDays, now }: KeyRotationDependencies, askedId: string | null,
): Promise<KeyRotation | Date | null> {
  if (askedId !== null) return requireRotation(db, askedId);
  const open = await findOpenRotation(db);
  if (open || keyRotationDays === 0) return open;
  await keys.refresh();
  const inUse = await findEpochInUse(db);
  const dueAt = plus(inUse?.since ?? now(), `P${keyRotationDays}D`);
  if (dueAt > now()) return dueAt;
  return (await db.transaction().execute((tx) => openRotation(tx, 'schedule', now()))).rotation;
}

/** The key that lies in the folder and is not in use yet, or a new one; null where the folder cannot be written. */
async function nextKek(vault: Vault, keys: KeyRing): Promise<number | null> {
  const newest = Math.max(...vault.keks);
  if (newest > vault.wrapsWith) return newest;
  return keys.addKek().catch((error: unknown) => {
    if (NOT_WRITABLE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  });
}

/** Counts again and again until there is nobody to wait for. */
async function untilNobody(count: () => Promise<number>, signal: AbortSignal): Promise<void> {
  while ((await count()) > 0) await pause(LOOK_AGAIN_MS, undefined, { signal });
}

async function requireRotation(db: Db, id: string): Promise<KeyRotation> {
  const rotation = await findRotation(db, id);
  if (rotation) return rotation;
  throw ApplicationFailure.nonRetryable('There is no rotation of this id in the database.', 'unknown_rotation');
}

function reportOf(rotation: KeyRotation): RotationReport {
  const { kek, asked_by: askedBy, activated_at: activatedAt, finished_at: finishedAt, waits_for: waitsFor, problem } = rotation;
  return {
    state: stateOf({ kek, activatedAt, finishedAt, problem }), kek, askedBy, waitsFor, problem,
    activatedAt: activatedAt?.toISOString() ?? null, rewrapped: Number(rotation.keys_rewrapped), dueAt: null,
  };
}

function notDue(dueAt: Date | null): RotationReport {
  const nothing = { kek: null, askedBy: null, activatedAt: null, waitsFor: 0, rewrapped: 0, problem: null };
  return { state: 'not_due', ...nothing, dueAt: dueAt?.toISOString() ?? null };
}
