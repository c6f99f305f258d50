import type { z } from 'zod';
import { DomainError, type ProblemPart } from '../domain/problem.ts';

type Issue = z.core.$ZodIssue;
/** Where a value came from, and so how a place in it is written down. */
export type Place = 'body' | 'query' | 'header';

/** Checks a value and answers it as its schema reads it, or refuses it with every place that is wrong. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, place: Place): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new DomainError('invalid_request', DETAIL[place], partsOf(parsed.error.issues.slice(0, 50), place));
}

/** What is wrong in one way at one place is said once: by our own sentence rather than the library's. */
function partsOf(issues: readonly Issue[], place: Place): ProblemPart[] {
  const parts = new Map<string, ProblemPart>();
  for (const issue of issues) {
    const part = partOf(issue, place);
    const key = `${part.pointer} ${part.code}`;
    if (!parts.has(key) || part.detail !== OTHER_FORM) parts.set(key, part);
  }
  return [...parts.values()];
}

const OTHER_FORM = 'must have the form that its description shows';

const DETAIL: Record<Place, string> = {
  body: 'The body is not as it should be; `errors` names each place.',
  query: 'The query is not as it should be; `errors` names each parameter.',
  header: 'The headers are not as they should be; `errors` names each one.',
};

/** One wrong place. The value itself, and names that the caller made up, are left out: either may be personal data. */
function partOf(issue: Issue, place: Place): ProblemPart {
  const pointer = pointerTo(issue.path, place);
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    return { pointer, code: 'required', detail: 'is missing' };
  }
  const [code, detail] = describe(issue);
  return { pointer, code, detail };
}

function describe(issue: Issue): [code: string, detail: string] {
  switch (issue.code) {
    case 'invalid_type': return ['wrong_type', `must be ${article(issue.expected)}`];
    case 'invalid_value': return ['not_allowed', `must be one of: ${issue.values.map(String).join(', ')}`];
    case 'too_big': return ['too_long', `must be at most ${issue.maximum}${unitOf(issue.origin)}`];
    case 'too_small': return ['too_short', `must be at least ${issue.minimum}${unitOf(issue.origin)}`];
    case 'invalid_format': return ['wrong_format', ownSentence(issue) ?? formOf(issue.format)];
    case 'unrecognized_keys': return ['unknown_field', unknownFields(issue.keys)];
    case 'custom': return [String(issue.params?.code ?? 'not_allowed'), issue.message];
    default: return ['not_allowed', ownSentence(issue) ?? 'is not what is accepted here'];
  }
}

/** The library's own sentences start like this; ours do not, and hold nothing of the value. */
function ownSentence(issue: Issue): string | null {
  return issue.message.startsWith('Invalid') ? null : issue.message;
}

function unitOf(origin: string): string {
  return { string: ' characters long', array: ' items', number: '', int: '' }[origin] ?? '';
}

function formOf(format: string): string {
  if (format === 'regex') return OTHER_FORM;
  return format === 'uuid' ? 'must be a UUID, such as 0198c0de-7a1e-7b3c-9d4e-5f60718293a4' : `must be ${article(format)}`;
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function unknownFields(keys: readonly string[]): string {
  const plain = keys.filter((key) => PLAIN_NAME.test(key)).slice(0, 5);
  const named = plain.length === keys.length ? `: ${plain.join(', ')}` : '';
  return keys.length === 1 ? `has a field that is not known here${named}` : `has ${keys.length} fields that are not known here${named}`;
}

/** What can only be a name somebody gave a field: letters and no long number. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z_]{0,39}$/;

function pointerTo(path: readonly PropertyKey[], place: Place): string {
  const steps = path.map((step) => (typeof step === 'number' || KNOWN_STEP.test(String(step)) ? String(step) : '*'));
  switch (place) {
    case 'body': return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    case 'query': return `?${steps.join('.')}`;
    case 'header': return `header:${steps.join('.').replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}`;
  }
}

const KNOWN_STEP = /^[A-Za-z_][A-Za-z0-9_.-]{0,39}$/;
