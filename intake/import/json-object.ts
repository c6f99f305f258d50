import { isStorable } from '../accepted-values.ts';
import type { Cells } from './cells.ts';

/** A name that somebody gave a field: letters and no long number, so it can be shown. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z_]{0,39}$/;

/**
 * A JSON object of a line, read field by field; whatever is not as it should be is left with `cells`, under the field's path.
 * `null` is the same as a field that is left out.
 */
export class JsonObject {
  readonly #fields: Record<string, unknown>;
  readonly #path: string;
  readonly #cells: Cells;

  private constructor(fields: Record<string, unknown>, path: string, cells: Cells) {
    this.#fields = fields;
    this.#path = path;
    this.#cells = cells;
  }

  /** The object that a line is. */
  static parse(line: string, cells: Cells): JsonObject | undefined {
    const value = parseJson(line);
    if (value === undefined) return cells.refuse('malformed_json', '');
    if (!isObject(value)) return cells.refuse('wrong_type', '', 'The line is not a JSON object');
    if ((line.includes('\\u') || !line.isWellFormed()) && !isStorableThroughout(value)) return cells.refuse('unstorable_text', '');
    return new JsonObject(value, '', cells);
  }

  /** The object itself when it has no field but these. */
  only(names: readonly string[]): this | undefined {
    const unknown = Object.keys(this.#fields).find((name) => !names.includes(name));
    if (unknown === undefined) return this;
    return this.#cells.refuse('unknown_field', PLAIN_NAME.test(unknown) ? this.pathTo(unknown) : this.#path);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] !== null;
  }

  /** A string field; a number is taken as it is written in decimal. Empty when it is not there. */
  text(name: string): string {
    const value = this.has(name) ? this.#fields[name] : '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    this.#cells.refuse('wrong_type', this.pathTo(name));
    return '';
  }

  object(name: string): JsonObject | undefined {
    if (!this.has(name)) return undefined;
    const value = this.#fields[name];
    return isObject(value) ? new JsonObject(value, this.pathTo(name), this.#cells) : this.#cells.refuse('wrong_type', this.pathTo(name));
  }

  objects(name: string): JsonObject[] {
    if (!this.has(name)) return [];
    const value = this.#fields[name];
    if (Array.isArray(value) && value.every(isObject)) {
      return value.map((item, index) => new JsonObject(item, `${this.pathTo(name)}.${index}`, this.#cells));
    }
    this.#cells.refuse('wrong_type', this.pathTo(name));
    return [];
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = this.text(name);
    return values.find((value) => value === text) ?? this.#cells.refuse('not_allowed', this.pathTo(name), `must be one of: ${values.join(', ')}`);
  }

  pathTo(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Escapes can write what no file may hold as it is. Keeps a list of its own: a line may be nested a million deep. */
function isStorableThroughout(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string' && !isStorable(next)) return false;
    if (typeof next !== 'object' || next === null) continue;
    for (const [name, item] of Object.entries(next)) {
      if (!isStorable(name)) return false;
      left.push(item);
    }
  }
  return true;
}
