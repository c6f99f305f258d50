import { ATTRIBUTES, type AttributeName } from '../../domain/attributes.ts';
import { CHANNELS, GRADES, PURPOSES, type ConsentEvidence } from '../../domain/consent.ts';
import type { Acquisition, Address, CarriedConsent } from '../acquisition.ts';
import type { Cells } from './cells.ts';
import { acquisitionOf, LONGEST, regionOf, type ImportContext } from './import-context.ts';
import { JsonObject } from './json-object.ts';
import { ADDRESS_FIELDS } from './mapping.ts';

const FIELDS = ['phone', 'region', 'acquiredAt', 'method', 'campaign', 'reference', 'subject', 'attributes', 'consents', 'lineType'] as const;
const CONSENT = ['channel', 'purpose', 'obtainedAt', 'expiresAt', 'grade', 'evidence'] as const;
const MOST_CONSENTS = 50;

/** The longest texts of a consent's evidence; `textVersion`, `method` and `url` have rules of their own. */
export const EVIDENCE_TEXTS = { language: 35, certificate: 500, ipDigest: 128, fileDigest: 128, statement: 2_000 } as const;
const EVIDENCE = ['textVersion', 'method', 'url', ...(Object.keys(EVIDENCE_TEXTS) as (keyof typeof EVIDENCE_TEXTS)[])] as const;

/** Reads lines that are bodies of `POST /v1/leads` without `source`. What is wrong with a line is left with `cells`. */
export class LeadLines {
  readonly #cells: Cells;
  readonly #context: ImportContext;

  constructor(cells: Cells, context: ImportContext) {
    this.#cells = cells;
    this.#context = context;
  }

  /** The acquisition that a line tells of; of no use when `cells` has problems afterwards. */
  read(line: string): Acquisition | undefined {
    const body = JsonObject.parse(line, this.#cells)?.only(FIELDS);
    if (!body) return undefined;
    const region = regionOf(this.#cells.country(body.text('region'), 'region'), this.#context);
    const facts = {
      phone: this.#cells.phone(body.text('phone'), region, 'phone'),
      acquiredAt: this.#acquiredAt(body.text('acquiredAt')),
      method: this.#cells.label(body.text('method'), 'method'),
      campaign: this.#cells.label(body.text('campaign'), 'campaign'),
      subject: this.#subject(body.object('subject')),
      attributes: this.#attributes(body.object('attributes')),
      reference: this.#cells.text(body.text('reference'), LONGEST.reference, 'reference'),
      consents: this.#consents(body),
      lineType: this.#cells.lineType(body.text('lineType'), 'lineType'),
    };
    return acquisitionOf(facts, this.#context);
  }

  #acquiredAt(text: string): Date | undefined {
    const constant = this.#context.parameters.acquiredAt;
    if (text.trim() !== '') return this.#cells.moment(text, 'acquiredAt', 'acquired_in_future');
    return constant === undefined ? this.#cells.refuse('acquired_at_missing', 'acquiredAt') : new Date(constant);
  }

  #subject(subject: JsonObject | undefined): Acquisition['subject'] {
    if (!subject?.only(['name', 'email', 'address'])) return {};
    return {
      name: this.#cells.text(subject.text('name'), LONGEST.name, 'subject.name'),
      email: this.#cells.email(subject.text('email'), 'subject.email'),
      address: this.#address(subject.object('address')),
    };
  }

  #address(address: JsonObject | undefined): Address | undefined {
    if (!address?.only(ADDRESS_FIELDS)) return undefined;
    const read = (field: (typeof ADDRESS_FIELDS)[number]) => {
      const [cell, column] = [address.text(field), `subject.address.${field}`] as const;
      return field === 'country' ? this.#cells.country(cell, column) : this.#cells.text(cell, LONGEST[field], column);
    };
    return Object.fromEntries(ADDRESS_FIELDS.map((field) => [field, read(field)]));
  }

  #attributes(attributes: JsonObject | undefined): Record<string, string> {
    if (!attributes?.only(Object.keys(ATTRIBUTES))) return {};
    const given: Record<string, string> = {};
    for (const name of Object.keys(ATTRIBUTES) as AttributeName[]) {
      const value = this.#cells.text(attributes.text(name), ATTRIBUTES[name].maxLength, `attributes.${name}`);
      if (value !== undefined) given[name] = value;
    }
    return given;
  }

  #consents(body: JsonObject): CarriedConsent[] {
    const consents = body.objects('consents');
    if (consents.length > MOST_CONSENTS) this.#cells.refuse('too_long', 'consents', `has more than ${MOST_CONSENTS} items`);
    return consents.slice(0, MOST_CONSENTS).flatMap((consent) => this.#consent(consent) ?? []);
  }

  #consent(consent: JsonObject): CarriedConsent | undefined {
    if (!consent.only(CONSENT)) return undefined;
    const channel = consent.oneOf('channel', CHANNELS);
    const purpose = consent.oneOf('purpose', PURPOSES);
    const at = consent.pathTo('obtainedAt');
    const obtainedAt = this.#cells.moment(consent.text('obtainedAt'), at, 'consent_in_future');
    if (consent.text('obtainedAt').trim() === '') this.#cells.refuse('invalid_time', at);
    const expiresAt = this.#cells.moment(consent.text('expiresAt'), consent.pathTo('expiresAt'), null) ?? null;
    const outOfOrder = obtainedAt && expiresAt && expiresAt <= obtainedAt;
    if (outOfOrder) this.#cells.refuse('consent_out_of_order', consent.pathTo('expiresAt'));
    const grade = consent.has('grade') ? consent.oneOf('grade', GRADES) : undefined;
    const evidence = this.#evidence(consent.object('evidence'));
    return channel && purpose && obtainedAt ? { channel, purpose, obtainedAt, expiresAt, grade, evidence } : undefined;
  }

  #evidence(evidence: JsonObject | undefined): ConsentEvidence | undefined {
    if (!evidence?.only(EVIDENCE)) return undefined;
    const texts = Object.entries(EVIDENCE_TEXTS).map(([name, longest]) => {
      return [name, this.#cells.text(evidence.text(name), longest, evidence.pathTo(name))];
    });
    return {
      textVersion: this.#cells.word(evidence.text('textVersion'), evidence.pathTo('textVersion')),
      method: this.#cells.word(evidence.text('method'), evidence.pathTo('method')),
      url: this.#cells.url(evidence.text('url'), evidence.pathTo('url')),
      ...(Object.fromEntries(texts) as ConsentEvidence),
    };
  }
}
