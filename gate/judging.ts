import type { Db } from '../db/connection.ts';
import type { PersonRow } from '../db/gate-facts.ts';
import type { SettingsVersion } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import type { Decision, GateFacts, Question } from '../domain/clearance.ts';
import { decide } from '../domain/decide.ts';
import type { Asked } from './asked.ts';
import { Campaigns } from './campaigns.ts';
import { ConsentTexts } from './consent-texts.ts';
import { factsOf, listsIn, type Shared } from './facts.ts';
import { LawBook, type LawEdition } from './law.ts';
import { readPersons, type Reading } from './persons.ts';
import { SettingsShelf } from './settings-shelf.ts';

/** Whom questions are about, and where they are read. */
interface Subjects {
  db: Db;
  persons: readonly Asked['person'][];
  tokens: readonly string[];
  /** Asked once everything is read: whatever is found happened before. */
  now: () => Date;
}

/** What was read for some questions that are judged at one moment. */
export interface Round {
  db: Db;
  at: Date;
  reading: Reading;
  settings: SettingsVersion;
  lists: Shared['lists'];
  campaigns: Campaigns;
}

/** A decision, with everything that it stands on. */
export interface Judged {
  decision: Decision;
  facts: GateFacts;
  edition: LawEdition;
}

/** Judges questions by what is on the books, and remembers what never changes: texts, settings, law of a day. */
export class Judging {
  readonly #vault: Vault;
  readonly #texts = new ConsentTexts();
  readonly #book = new LawBook();
  readonly #shelf = new SettingsShelf();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Reads what is known about some persons. */
  async read({ db, persons, tokens, now }: Subjects): Promise<Round> {
    const reading = await readPersons(db, this.#vault, { persons, tokens });
    await this.#texts.read(db, reading.rows.flatMap(({ consents }) => consents ?? []));
    const settings = await this.#shelf.take(db, reading.rows[0]?.settingsVersion ?? null);
    const at = now();
    return { db, at, reading, settings, lists: listsIn(reading.rows, settings.settings), campaigns: new Campaigns(db, at) };
  }

  /** Judges one question. `open` is what an earlier one of the same round reserved. */
  async judge(round: Round, question: Question, row: PersonRow, open?: GateFacts['openClearance']): Promise<Judged> {
    const { at, settings, lists, campaigns } = round;
    const place = { jurisdictions: row.jurisdictions ?? [], zones: row.zones ?? [], at };
    const edition = this.#book.edition(place, settings);
    const campaign = await campaigns.callsFor(question, edition.policies);
    const namesSeller: Shared['namesSeller'] = (consent) => this.#texts.names(question.seller, consent);
    const known = factsOf(row, { lists, campaign, namesSeller, at });
    const facts = open ? { ...known, openClearance: open } : known;
    return { facts, edition, decision: decide(question, facts, edition, at) };
  }
}
