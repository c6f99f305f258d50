type Refuse = (detail: string) => never;

/** A JSON object of a fixed shape, read field by field. Whatever is not as it should be is refused at once, without its value. */
export class FixedObject {
  readonly #fields: Record<string, unknown>;
  readonly #refuse: Refuse;

  private constructor(fields: Record<string, unknown>, refuse: Refuse) {
    this.#fields = fields;
    this.#refuse = refuse;
  }

  static parse(json: string, refuse: Refuse): FixedObject {
    const value = parseJson(json);
    return isObject(value) ? new FixedObject(value, refuse) : refuse('must be followed by a JSON object');
  }

  /** Refuses the object when it has a field that is none of these. */
  only(names: readonly string[]): void {
    const unknown = Object.keys(this.#fields).some((name) => !names.includes(name));
    if (unknown) this.#refuse(`must have no field but ${names.map((name) => `\`${name}\``).join(', ')} there`);
  }

  text(name: string, most: number): string {
    const value = this.#fields[name];
    if (typeof value === 'string' && value !== '' && value.length <= most) return value;
    return this.#refuse(`\`${name}\` must be a text of 1 to ${most} characters`);
  }

  number(name: string, least: number, most: number): number {
    const value = this.#fields[name];
    if (isWhole(value) && value >= least && value <= most) return value;
    return this.#refuse(`\`${name}\` must be a whole number from ${least} to ${most}`);
  }

  numbers(name: string, mostItems: number, most: number): number[] {
    const values = this.#items(name, mostItems).filter(isWhole).filter((value) => value >= 0 && value <= most);
    if (values.length === this.#items(name, mostItems).length) return values;
    return this.#refuse(`\`${name}\` must be whole numbers from 0 to ${most}`);
  }

  /** Undefined when it is not there. */
  object(name: string): FixedObject | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    return isObject(value) ? new FixedObject(value, this.#refuse) : this.#refuse(`\`${name}\` must be a JSON object`);
  }

  objects(name: string, mostItems: number): FixedObject[] {
    return this.#items(name, mostItems).map((value) =>
      isObject(value) ? new FixedObject(value, this.#refuse) : this.#refuse(`\`${name}\` must hold JSON objects`));
  }

  #items(name: string, most: number): unknown[] {
    const value = this.#fields[name];
    if (Array.isArray(value) && value.length > 0 && value.length <= most) return value;
    return this.#refuse(`\`${name}\` must be an array of 1 to ${most} items`);
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}
