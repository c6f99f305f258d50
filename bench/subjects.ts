import { b1 } from './b1-backup.ts';
import { check } from './check.ts';
import { decisions } from './decide.ts';
import type { Subject } from './harness.ts';
import { p1 } from './p1-phone.ts';
import { p2 } from './p2-import.ts';
import { lookUps } from './look-ups.ts';
import { p3 } from './p3-temporal.ts';
import { p4 } from './p4-release.ts';
import { p5 } from './p5-change.ts';
import { p6Batch } from './p6-batch.ts';
import { p6 } from './p6-clearance.ts';
import { p7 } from './p7-hot-path.ts';
import { p8 } from './p8-beside.ts';
import { p9 } from './p9-named.ts';
import { p11Archive } from './p11-archive.ts';
import { p11Due } from './p11-due.ts';
import { p11Erase } from './p11-erase.ts';
import { p11Gate, p11Rotation } from './p11-rotation.ts';
import { p11Sweep } from './p11-sweep.ts';
import { p12 } from './p12-life.ts';
import { p13 } from './p13-cache.ts';
import { w1 } from './w1-webhooks-in.ts';
import { w2 } from './w2-webhooks-out.ts';

/** Everything `npm run bench` knows, in the order it runs. */
export const subjects: readonly Subject[] = [
  p1, p2, p3, p4, lookUps, p5, check, p6, p6Batch, p7, p8, p9, p11Archive, p11Due, p11Erase, p11Rotation, p11Gate, p11Sweep,
  p12, p13, w1, w2, b1, decisions,
];
