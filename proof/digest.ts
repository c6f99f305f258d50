import { createHash } from 'node:crypto';

/** The SHA-256 digest of some bytes or text (as UTF-8), naming itself: `sha256:<64 hex digits>`. */
export function sha256Of(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
