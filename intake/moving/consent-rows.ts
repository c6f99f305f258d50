import {
  CHANNELS, CONSENT_EVENT_KINDS, GRADES, PURPOSES,
  type Channel, type ConsentEventKind, type ConsentEvidence, type Grade, type Purpose,
} from '../../domain/consent.ts';
import { CONFIRMATIONS, type Confirmation } from '../../domain/source.ts';
import { Cells } from '../import/cells.ts';
import type { ExaminedFile } from '../import/file-layout.ts';
import { JsonObject } from '../import/json-object.ts';
import { EVIDENCE_TEXTS } from '../import/lead-lines.ts';
import { refuseRow, type RowRefusal } from '../import/refusal.ts';
import { isSoundRow } from '../import/sound-row.ts';
import { TimeCells } from '../import/time-cells.ts';
import { CONSENT_TARGETS, findConsentColumns, type ConsentReading, type ConsentTarget } from './consent-columns.ts';

/** A consent event of another system, as one row tells it. */
export interface ConsentRow {
  row: number;
  phone: string;
  kind: ConsentEventKind;
  channel: Channel | 'all';
  purpose: Purpose | 'all';
  at: Date;
  expiresAt: Date | null;
  grade: Grade | undefined;
  confirmation: Confirmation | undefined;
  /** In the ledger that it comes from, the person gave it for its own sake. */
  ownAct: boolean;
  /** The file that it had come to that system in. */
  file: string | null;
  via: string | null;
  evidence: ConsentEvidence;
}

/** Reads one record, or says why it is no consent event. `row` is the record's number in the file. */
export type ReadConsent = (record: readonly string[], row: number) => ConsentRow | RowRefusal;

const ACTS = ['own', 'carried'] as const;
const ALL = 'all';
const FILE_PATH = /^[0-9A-Za-z-]{1,36}(?:\/[0-9A-Za-z-]{1,36}){0,4}$/;
const FILE_NAMES = 'takes ids of files, of letters, digits and -, at most 36 characters each, with / between them and at most five of them';
/** Our exports tell it, and it is nobody's to say but ours when something got here. */
const IGNORED = 'receivedAt';

/** What stands in a row, by target, and what its column is called in refusals. */
interface Row {
  text: (target: ConsentTarget) => string;
  name: (target: ConsentTarget) => string;
}

/** How the rows of an examined file are read. Throws an ImportFailure when its mapping does not fit the file. */
export function consentReader({ layout, first }: ExaminedFile, reading: ConsentReading, receivedAt: Date): ReadConsent {
  const cells = new Cells(new TimeCells(reading.dateFormat, reading.zone), receivedAt);
  const open = layout.format === 'csv' ? csvRows(first, layout.hasHeader, reading, cells) : ndjsonRows(reading, cells);
  return (record, row) => {
    const opened = open(record);
    const read = opened && new ConsentCells(opened, cells, reading).read(row);
    const problems = cells.takeProblems();
    return read && problems.length === 0 ? read : refuseRow(row, problems);
  };
}

export function isRefusedConsent(read: ConsentRow | RowRefusal): read is RowRefusal {
  return 'code' in read;
}

type OpenRow = (record: readonly string[]) => Row | undefined;

function csvRows(first: readonly string[], hasHeader: boolean, reading: ConsentReading, cells: Cells): OpenRow {
  const { columns, header, lastIndex } = findConsentColumns(reading, first, hasHeader);
  const name = (target: ConsentTarget) => columns[target]?.name ?? target;
  return (record) => {
    if (!isSoundRow(record, header, lastIndex, cells)) return undefined;
    return { name, text: (target) => withoutGuard(record[columns[target]?.index ?? -1] ?? '') };
  };
}

function ndjsonRows({ mapping }: ConsentReading, cells: Cells): OpenRow {
  const name = (target: ConsentTarget) => String(mapping ? mapping[target] ?? '' : target);
  return ([line = '']) => {
    const parsed = JsonObject.parse(line, cells);
    const object = mapping ? parsed : parsed?.only([...CONSENT_TARGETS, IGNORED]);
    return object && { name, text: (target) => (name(target) === '' ? '' : object.text(name(target))) };
  };
}

/** Exports put an apostrophe before what a spreadsheet would run as a formula. */
function withoutGuard(cell: string): string {
  return /^'+[\s\p{Cf}]*[=+\-@\t\r＝＋－＠]/u.test(cell) ? cell.slice(1) : cell;
}

/** The cells of one row. What is wrong with them is left with `cells`. */
class ConsentCells {
  readonly #row: Row;
  readonly #cells: Cells;
  readonly #reading: ConsentReading;

  constructor(row: Row, cells: Cells, reading: ConsentReading) {
    this.#row = row;
    this.#cells = cells;
    this.#reading = reading;
  }

  read(row: number): ConsentRow | undefined {
    const { name } = this.#row;
    const region = this.#cells.country(this.#row.text('region'), name('region')) ?? this.#reading.region;
    const phone = this.#cells.phone(this.#row.text('phone'), region, name('phone'));
    const kind = this.#required('kind', CONSENT_EVENT_KINDS);
    const [channel, purpose] = [this.#scope('channel', CHANNELS, kind), this.#scope('purpose', PURPOSES, kind)];
    const at = this.#cells.moment(this.#row.text('at'), name('at'), 'consent_in_future');
    if (this.#row.text('at').trim() === '') this.#cells.refuse('invalid_time', name('at'));
    const expiresAt = this.#cells.moment(this.#row.text('expiresAt'), name('expiresAt'), null) ?? null;
    if (at && expiresAt && expiresAt <= at) this.#cells.refuse('consent_out_of_order', name('expiresAt'));
    const event = { ...this.#terms(), expiresAt: kind === 'granted' ? expiresAt : null, evidence: this.#evidence() };
    if (!phone || !kind || !channel || !purpose || !at) return undefined;
    return { row, phone: phone.e164, kind, channel, purpose, at, ...event };
  }

  #terms(): Pick<ConsentRow, 'grade' | 'confirmation' | 'ownAct' | 'file' | 'via'> {
    const file = this.#row.text('file').trim();
    if (file !== '' && !FILE_PATH.test(file)) this.#cells.refuse('invalid_word', this.#row.name('file'), FILE_NAMES);
    return {
      grade: this.#oneOf('grade', GRADES),
      confirmation: this.#oneOf('confirmation', CONFIRMATIONS),
      ownAct: this.#oneOf('act', ACTS) === 'own',
      file: file === '' ? null : file,
      via: this.#cells.label(this.#row.text('via'), this.#row.name('via')) ?? null,
    };
  }

  #evidence(): ConsentEvidence {
    const texts = Object.entries(EVIDENCE_TEXTS).map(([target, longest]) => {
      const name = target as keyof typeof EVIDENCE_TEXTS;
      return [name, this.#cells.text(this.#row.text(name), longest, this.#row.name(name))];
    });
    const word = (target: 'textVersion' | 'method') => this.#cells.word(this.#row.text(target), this.#row.name(target));
    const evidence: ConsentEvidence = {
      textVersion: word('textVersion'),
      method: word('method') ?? this.#reading.method,
      url: this.#cells.url(this.#row.text('url'), this.#row.name('url')),
      ...(Object.fromEntries(texts) as ConsentEvidence),
    };
    return Object.fromEntries(Object.entries(evidence).filter(([, value]) => value !== undefined));
  }

  /** A withdrawal that names no channel or purpose is of all of them, as one that is reported is. */
  #scope<Value extends string>(target: 'channel' | 'purpose', values: readonly Value[], kind: ConsentEventKind | undefined): Value | 'all' | undefined {
    const takesAway = kind === 'revoked' || kind === 'annulled';
    const all: readonly (Value | 'all')[] = takesAway ? [...values, ALL] : values;
    return takesAway ? this.#oneOf(target, all) ?? ALL : this.#required(target, all);
  }

  #required<Value extends string>(target: ConsentTarget, values: readonly Value[]): Value | undefined {
    if (this.#said(target) !== '') return this.#oneOf(target, values);
    return this.#cells.refuse('not_allowed', this.#row.name(target), `is missing; must be one of: ${values.join(', ')}`);
  }

  #oneOf<Value extends string>(target: ConsentTarget, values: readonly Value[]): Value | undefined {
    const word = this.#said(target);
    if (word === '') return undefined;
    return values.find((value) => value === word) ?? this.#cells.refuse('not_allowed', this.#row.name(target), `must be one of: ${values.join(', ')}`);
  }

  /** What the row says, in small letters, or what all rows do. */
  #said(target: ConsentTarget): string {
    const constants: Partial<Record<ConsentTarget, string | undefined>> = this.#reading;
    return this.#row.text(target).trim().toLowerCase() || (constants[target] ?? '');
  }
}
