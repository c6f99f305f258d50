/** A backup that must not be used: it is not whole, not ours, or not what was written. Trying again does not cure it. */
export class BrokenBackup extends Error {
  override readonly name = 'BrokenBackup';
}
