import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { ListFileFailure } from '../list-file-failure.ts';
import type { ListParser } from './list-parser.ts';
import { inNorthAmerica } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';
import type { ParseReport, Tally } from './tally.ts';

const DECLARATION = /<\?xml\s/;
const DOCTYPE = /<!DOCTYPE/i;
const LONGEST_MARK = '<!DOCTYPE'.length;

/** So much text without a tag in it is no list. Without a limit it would all be kept, waiting for its end. */
const MOST_WITHOUT_TAG = 16_000_000;

const ACTIONS: Record<string, 'add' | 'remove'> = { A: 'add', ADD: 'add', D: 'remove', DELETE: 'remove' };

/**
 * The XML of the US registry: `<list><ac val="202"><ph val="5550143"/></ac></list>`, leading zeros kept. In a file of changes a
 * `ph` says by `type="A"` or `type="D"` what it asks for, or by any other attribute with nothing but such a word in it, or it
 * stands within `<add>` or `<delete>`; the FTC shows the layout of its change files to subscribers only, so all are read.
 * Documents may follow one another, each with its XML declaration. Digits and tags are ASCII, so bytes need no decoding; a
 * DOCTYPE is refused as soon as it begins.
 */
export class FtcXml implements ListParser {
  readonly #isChange: boolean;
  readonly #tally: Tally;
  #held = '';
  #parser: SaxesParser | undefined;
  #linesBefore = 0;
  #withoutTag = 0;
  #areaCode: string | undefined;
  #within: ('add' | 'remove')[] = [];

  constructor(kind: 'full' | 'change', tally: Tally) {
    this.#isChange = kind === 'change';
    this.#tally = tally;
  }

  /** The start of a tag that the next chunk completes waits for it, so that no declaration is overlooked. */
  write(chunk: Buffer): void {
    const text = this.#held + chunk.toString('latin1');
    const tag = text.lastIndexOf('<');
    const whole = tag !== -1 && text.length - tag < LONGEST_MARK ? tag : text.length;
    this.#held = text.slice(whole);
    this.#feed(text.slice(0, whole));
  }

  end(): ParseReport {
    this.#feed(this.#held);
    this.#held = '';
    this.#endDocument();
    return this.#tally.report();
  }

  #feed(text: string): void {
    if (DOCTYPE.test(text)) throw new ListFileFailure('xml_declares_entities', 'The XML has a DOCTYPE, which no list needs.');
    let rest = text;
    for (let found = DECLARATION.exec(rest); found; found = DECLARATION.exec(rest)) {
      this.#write(rest.slice(0, found.index));
      this.#endDocument();
      this.#parser = this.#startDocument();
      this.#write(found[0]);
      rest = rest.slice(found.index + found[0].length);
    }
    this.#write(rest);
  }

  #write(text: string): void {
    if (this.#parser === undefined && text.trim() === '') {
      this.#linesBefore += text.split('\n').length - 1;
      return;
    }
    this.#parser ??= this.#startDocument();
    this.#withoutTag += text.length;
    this.#parser.write(text);
    if (this.#withoutTag > MOST_WITHOUT_TAG) throw this.#unreadable();
  }

  #startDocument(): SaxesParser {
    const parser = new SaxesParser();
    parser.on('error', () => {
      throw this.#unreadable();
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', ({ name }) => this.#close(name));
    return parser;
  }

  #endDocument(): void {
    if (this.#parser === undefined) return;
    // Closing makes it start counting anew.
    const lines = this.#line() - 1;
    this.#parser.close();
    this.#parser = undefined;
    this.#linesBefore = lines;
  }

  #open({ name, attributes }: SaxesTagPlain): void {
    this.#withoutTag = 0;
    if (name === 'ac') this.#areaCode = attributes.val;
    if (name === 'ph') this.#take(attributes.val, this.#isChange ? saidIn(attributes) : undefined);
    const action = actionOf(name);
    if (action) this.#within.push(action);
  }

  #close(name: string): void {
    if (name === 'ac') this.#areaCode = undefined;
    if (actionOf(name)) this.#within.pop();
  }

  #take(local: string | undefined, type: string | undefined): void {
    const number = this.#numberOf(local);
    if (typeof number !== 'number') return this.#tally.refuse(this.#line(), number);
    if (!this.#isChange) return this.#tally.take(number, false, this.#line());
    const action = type === undefined ? this.#within.at(-1) : actionOf(type);
    if (action === undefined) return this.#tally.refuse(this.#line(), type === undefined ? 'action_missing' : 'action_unknown');
    this.#tally.take(number, action === 'remove', this.#line());
  }

  #numberOf(local: string | undefined): number | RowRefusal {
    if (this.#areaCode === undefined) return 'area_code_missing';
    if (local === undefined || !/^\d{7}$/.test(local) || !/^\d{3}$/.test(this.#areaCode)) return 'not_a_number';
    return inNorthAmerica(Number(this.#areaCode + local));
  }

  #line(): number {
    return this.#linesBefore + (this.#parser?.line ?? 1);
  }

  #unreadable(): ListFileFailure {
    return new ListFileFailure('xml_unreadable', `The XML is broken or cut off in line ${this.#line()}.`);
  }
}

/** What a number's attributes ask for: the word in `type`, or else the only such word that there is. */
function saidIn({ val: _, type, ...others }: Record<string, string>): string | undefined {
  if (type !== undefined) return type;
  const words = Object.values(others).filter((word) => actionOf(word) !== undefined);
  return new Set(words.map(actionOf)).size > 1 ? words.join() : words[0];
}

function actionOf(word: string): 'add' | 'remove' | undefined {
  const key = word.toUpperCase();
  return Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
}
