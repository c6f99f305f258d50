import { DomainError } from '../domain/problem.ts';
import { FixedObject } from './fixed-object.ts';

const PLAIN_KINDS = ['lines', 'ftc_full', 'ftc_full_xml', 'ftc_change_csv', 'ftc_change_xml', 'tps_fixed'] as const;

/** How the lines of a file are to be read. Columns of delimited lines count from 0, as do the bytes of fixed ones. */
export type ListFormat =
  | PlainFormat<(typeof PLAIN_KINDS)[number]>
  | { kind: 'delimited'; delimiter: string; columns: number[]; action?: ActionColumn }
  | { kind: 'fixed'; columns: { start: number; length: number }[] };

type PlainFormat<Kind> = Kind extends string ? { kind: Kind } : never;

/** The column of a change file that says what a line asks for, and by which words. */
export interface ActionColumn {
  column: number;
  add: string;
  remove: string;
}

/** A full file is the whole list, a change file what differs from the one before. */
export type ReleaseKind = 'full' | 'change';

const MOST_COLUMNS = 20;
const LAST_COLUMN = 999;
const LAST_BYTE = 65_535;
const LONGEST_WORD = 20;

const WRITTEN =
  `must be one of ${PLAIN_KINDS.join(', ')}, or delimited:{"delimiter":"|","columns":[0],"action":{"column":2,"add":"A","remove":"D"}} ` +
  'with or without action, or fixed:{"columns":[{"start":0,"length":10}]}';

/** The value of the `format` parameter. Throws a DomainError `invalid_request` that says what would be right. */
export function readFormat(text: string): ListFormat {
  const kind = PLAIN_KINDS.find((name) => name === text);
  if (kind) return { kind };
  const [, name, json = ''] = /^(delimited|fixed):(.*)$/s.exec(text) ?? [];
  if (name === 'delimited') return readDelimited(FixedObject.parse(json, refuse));
  if (name === 'fixed') return readFixed(FixedObject.parse(json, refuse));
  return refuse(WRITTEN);
}

/** What a file of this format can be. Where both are possible, a change needs to be told whether it adds or removes. */
export function kindsOf(format: ListFormat): readonly ReleaseKind[] {
  switch (format.kind) {
    case 'ftc_full':
    case 'ftc_full_xml':
    case 'tps_fixed': return ['full'];
    case 'ftc_change_csv':
    case 'ftc_change_xml': return ['change'];
    case 'delimited': return format.action ? ['change'] : ['full', 'change'];
    case 'lines':
    case 'fixed': return ['full', 'change'];
    default: throw new Error(`an unknown format: ${(format satisfies never as ListFormat).kind}`);
  }
}

function readDelimited(object: FixedObject): ListFormat {
  object.only(['delimiter', 'columns', 'action']);
  const delimiter = object.text('delimiter', 1);
  if (!/^[\t !#$%&*,./:;<=>?@\\^_`|~-]$/.test(delimiter)) refuse('`delimiter` must be a tab or one character such as | ; or ,');
  const columns = object.numbers('columns', MOST_COLUMNS, LAST_COLUMN);
  const action = object.object('action');
  return action ? { kind: 'delimited', delimiter, columns, action: readAction(action) } : { kind: 'delimited', delimiter, columns };
}

function readAction(object: FixedObject): ActionColumn {
  object.only(['column', 'add', 'remove']);
  const action = { column: object.number('column', 0, LAST_COLUMN), add: object.text('add', LONGEST_WORD), remove: object.text('remove', LONGEST_WORD) };
  return action.add === action.remove ? refuse('`action` must have different words for `add` and `remove`') : action;
}

function readFixed(object: FixedObject): ListFormat {
  object.only(['columns']);
  const columns = object.objects('columns', MOST_COLUMNS).map((column) => {
    column.only(['start', 'length']);
    return { start: column.number('start', 0, LAST_BYTE), length: column.number('length', 1, LONGEST_WORD) };
  });
  return { kind: 'fixed', columns };
}

function refuse(detail: string): never {
  throw new DomainError('invalid_request', 'The format of the file is not one that can be read.', [
    { pointer: '?format', code: 'invalid_format', detail },
  ]);
}
