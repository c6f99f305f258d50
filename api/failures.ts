import { DomainError } from '../domain/problem.ts';

/** Classes of SQLSTATE in which PostgreSQL cannot do its work, through no fault of the request. */
const UNAVAILABLE_CLASSES = new Set(['08', '25', '28', '3D', '40', '53', '55', '57', '58']);
const DISK_FULL = '53100';
const CONNECTION_CODES = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED',
]);
const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'ENOTDIR', 'EMFILE', 'ENFILE']);
/** What the driver says without any code. */
const DRIVER_SENTENCE = /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered|Client was closed|Query read timeout)/;

type Dependency = 'postgresql' | 'disk';

/**
 * The refusal that an error becomes: itself where it is one, `dependency_unavailable` where something we stand on failed,
 * `internal_error` for everything that should not have happened.
 */
export function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const dependency = failedDependency(error);
  if (dependency) return unavailable(dependency);
  return new DomainError('internal_error', 'The request was not carried out. Its id finds the cause in the logs.');
}

/** Says which dependency is down, and that trying again is worth while. */
export function unavailable(dependency: Dependency): DomainError {
  const what = dependency === 'disk' ? 'The disk (disk) is full or cannot be written' : 'The database (postgresql) does not answer';
  return new DomainError('dependency_unavailable', `${what}. Nothing was acknowledged; try again in a moment.`);
}

/** Whether another transaction got in the way, so that the same one can succeed when it is run again. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

function failedDependency(error: unknown): Dependency | null {
  const code = codeOf(error);
  if (code === DISK_FULL || DISK_CODES.has(code)) return 'disk';
  if (CONNECTION_CODES.has(code)) return 'postgresql';
  if (/^[0-9A-Z]{5}$/.test(code) && UNAVAILABLE_CLASSES.has(code.slice(0, 2))) return 'postgresql';
  return error instanceof Error && DRIVER_SENTENCE.test(error.message) ? 'postgresql' : null;
}

function codeOf(error: unknown): string {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

/**
 * What of an error can be written down: its kind, its code and where it came from. Never its message: the driver's and
 * the parsers' messages quote what was sent.
 */
export function traceOf(error: unknown): { error: string; code: string; at: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, code: '', at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { error: error.constructor.name, code: codeOf(error), at: frames.slice(0, 8).map((line) => line.trim()) };
}
