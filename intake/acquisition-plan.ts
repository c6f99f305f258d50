import { gradeOf, type ConsentEvent, type ConsentEvidence } from '../domain/consent.ts';
import { effectOfCarriedConsent } from '../domain/consent-ledger.ts';
import { needsConfirmation, type Settings } from '../domain/settings.ts';
import type { Confirmation } from '../domain/source.ts';
import type { NewCertificateCheck } from '../db/certificate-checks.ts';
import { newId } from '../db/ids.ts';
import type { AcquisitionRows, KnownLead } from '../db/leads.ts';
import { newDataKey } from '../db/vault.ts';
import { placingOf, type Acquisition, type CarriedConsent } from './acquisition.ts';
import { newChecks } from './certificates.ts';
import { personalRecords } from './personal-record.ts';
import type { PersonalText } from './sealing.ts';

/** A first review is overdue, and reconciliation looks into it, when this much time has passed since the lead came in. */
const FIRST_REVIEW_WITHIN_MS = 3_600_000;

export interface Planned {
  leadId: string;
  acquisitionId: string;
  created: boolean;
  stage: KnownLead['stage'];
}

export interface PlanOptions {
  lane: 0 | 1;
  importId: string | null;
  /** Where consents are brought: what the company asks of them. */
  settings?: Settings | undefined;
}

/** A lead that is new on the books. */
type NewLead = KnownLead & { phone: string };

/** What a fact tells of a person. */
type Person = { lead: KnownLead; factId: string } & (
  | { acquisition: Acquisition; isNew: boolean }
  | { evidence: ConsentEvidence }
);

type FactRows = Pick<AcquisitionRows, 'leads' | 'acquisitions' | 'consentEvents' | 'outbox'>;

/**
 * Turns acquisitions into rows: the first of an unknown number makes a lead, every other one is a further acquisition of the
 * lead that is there. Keeps in mind what it has planned, so that a number twice in one batch is one lead. Does no I/O.
 *
 * Facts are rows at once; what is personal is text that has yet to be sealed (`sealTexts`), here or in another thread.
 */
export class AcquisitionPlan {
  readonly facts: FactRows = { leads: [], acquisitions: [], consentEvents: [], outbox: [] };
  #persons: Person[] = [];
  /** Certificates of consents that somebody is to be asked about. */
  readonly checks: NewCertificateCheck[] = [];
  readonly #options: PlanOptions;
  readonly #leads = new Map<string, KnownLead>();
  readonly #created: NewLead[] = [];
  readonly #collisions = new Map<bigint, number>();
  readonly #ledgers: ReadonlyMap<string, ConsentEvent[]>;

  constructor(known: readonly KnownLead[], ledgers: ReadonlyMap<string, ConsentEvent[]>, options: PlanOptions) {
    this.#options = options;
    this.#ledgers = ledgers;
    for (const lead of known) {
      if (lead.phone !== null) this.#leads.set(lead.phone, lead);
      this.#collisions.set(lead.token, Math.max(this.#collisions.get(lead.token) ?? 0, lead.collision + 1));
    }
  }

  /** The personal data of what was planned since the last call. */
  takeTexts(): PersonalText[] {
    const taken = this.#persons;
    this.#persons = [];
    return taken.flatMap(textsOf);
  }

  /** The leads that were not on the books before. */
  get created(): readonly NewLead[] {
    return this.#created;
  }

  /** The lead of a number, when it is on the books or planned already. */
  leadOf(phone: string): KnownLead | undefined {
    return this.#leads.get(phone);
  }

  add(acquisition: Acquisition, token: bigint): Planned {
    const known = this.#leads.get(acquisition.phone);
    const lead = known ?? this.#createLead(acquisition, token);
    const acquisitionId = newId();
    this.facts.acquisitions.push({
      id: acquisitionId,
      lead_id: lead.id,
      source_id: acquisition.source.id,
      acquired_at: acquisition.acquiredAt,
      received_at: acquisition.receivedAt,
      method: acquisition.method,
      campaign: acquisition.campaign,
      import_id: this.#options.importId,
    });
    this.#persons.push({ lead, factId: known ? acquisitionId : lead.id, acquisition, isNew: !known });
    for (const consent of acquisition.consents) this.#addConsent(acquisition, lead, acquisitionId, consent);
    this.#announce(acquisition, lead.id, acquisitionId);
    return { leadId: lead.id, acquisitionId, created: !known, stage: lead.stage };
  }

  #createLead(acquisition: Acquisition, token: bigint): NewLead {
    const id = newId();
    const collision = this.#collisions.get(token) ?? 0;
    const placing = placingOf(acquisition);
    const lead: NewLead = { id, token, collision, stage: 'acquired', ...placing, phone: acquisition.phone, key: newDataKey() };
    this.#leads.set(acquisition.phone, lead);
    this.#created.push(lead);
    this.#collisions.set(token, collision + 1);
    this.facts.leads.push({
      id,
      token,
      collision,
      jurisdictions: placing.jurisdictions,
      zones: placing.zones,
      line_type: placing.lineType,
      is_company: placing.isCompany,
      stage_since: acquisition.receivedAt,
      source_id: acquisition.source.id,
      created_at: acquisition.receivedAt,
      next_review_at: new Date(acquisition.receivedAt.getTime() + FIRST_REVIEW_WITHIN_MS),
    });
    return lead;
  }

  #addConsent(acquisition: Acquisition, lead: KnownLead, acquisitionId: string, consent: CarriedConsent): void {
    const id = newId();
    this.facts.consentEvents.push({
      id,
      lead_id: lead.id,
      acquisition_id: acquisitionId,
      kind: 'granted',
      channel: consent.channel,
      purpose: consent.purpose,
      grade: gradeOf(consent.grade, consent.evidence),
      effect: effectOfCarriedConsent(this.#ledgers.get(lead.id) ?? [], consent.channel, consent.purpose),
      happened_at: consent.obtainedAt,
      received_at: acquisition.receivedAt,
      expires_at: consent.expiresAt,
      confirmation: this.#confirmationOf(acquisition, lead, consent),
      text_version: consent.evidence?.textVersion ?? null,
      text_source_id: textSourceOf(acquisition, consent),
      method: consent.evidence?.method ?? null,
    });
    if (!consent.evidence) return;
    this.#persons.push({ lead, factId: id, evidence: consent.evidence });
    const by = this.#options.importId === null ? 'intake' : 'import';
    this.checks.push(...newChecks([{ consentId: id, leadId: lead.id, evidence: consent.evidence }], by, acquisition.receivedAt));
  }

  #confirmationOf({ source }: Acquisition, { jurisdictions }: KnownLead, { channel, purpose }: CarriedConsent): Confirmation {
    const { settings } = this.#options;
    const isAsked = settings && needsConfirmation(settings, { jurisdictions, channel, purpose });
    return isAsked ? 'double_opt_in' : source.confirmation;
  }

  #announce(acquisition: Acquisition, leadId: string, acquisitionId: string): void {
    const { lane } = this.#options;
    this.facts.outbox.push({ subject: leadId, workflow: 'lead', signal: 'acquired', fact_id: acquisitionId, lane, due_at: acquisition.receivedAt });
  }
}

/** The source of a consent, where it has a text of the version that was agreed to. */
function textSourceOf({ source }: Acquisition, { evidence }: CarriedConsent): string | null {
  return source.consentTexts.some(({ version }) => version === evidence?.textVersion) ? source.id : null;
}

function textsOf(person: Person): PersonalText[] {
  const { lead, factId } = person;
  const base = { leadId: lead.id, key: lead.key, isKeyNew: false, factId, tier: 2 as const, email: null };
  if ('evidence' in person) return [{ ...base, text: JSON.stringify(person.evidence) }];
  const { l1, l2 } = personalRecords(person.acquisition, person.isNew);
  const texts: PersonalText[] = [];
  if (l2) texts.push({ ...base, isKeyNew: person.isNew, text: JSON.stringify(l2), email: l2.email ?? null });
  if (l1) texts.push({ ...base, tier: 1, text: JSON.stringify(l1) });
  return texts;
}
