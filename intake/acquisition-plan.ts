import { effectOfCarriedConsent, gradeOf, type ConsentEvent, type ConsentEvidence } from '../domain/consent.ts';
import { newId } from '../db/ids.ts';
import type { AcquisitionRows, KnownLead } from '../db/leads.ts';
import { newDataKey, seal, type Vault } from '../db/vault.ts';
import { jurisdictionsOf, type Acquisition, type CarriedConsent } from './acquisition.ts';
import { personalRecords } from './personal-record.ts';

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
}

/** What a plan has of personal data before it is sealed. */
type Unsealed = { lead: KnownLead; factId: string } & (
  | { acquisition: Acquisition; isNew: boolean }
  | { evidence: ConsentEvidence }
);

type FactRows = Pick<AcquisitionRows, 'leads' | 'acquisitions' | 'consentEvents' | 'outbox'>;
type SealedRows = Pick<AcquisitionRows, 'subjectKeys' | 'personalData'>;

/**
 * Turns acquisitions into rows: the first of an unknown number makes a lead, every other one is a further acquisition of the
 * lead that is there. Keeps in mind what it has planned, so that a number twice in one batch is one lead. Does no I/O.
 *
 * Facts are rows at once; personal data is sealed later, which is most of the work: an import does it while PostgreSQL is
 * busy with the facts.
 */
export class AcquisitionPlan {
  readonly facts: FactRows = { leads: [], acquisitions: [], consentEvents: [], outbox: [] };
  readonly #sealed: SealedRows = { subjectKeys: [], personalData: [] };
  readonly #unsealed: Unsealed[] = [];
  #sealedCount = 0;
  readonly #vault: Vault;
  readonly #options: PlanOptions;
  readonly #leads = new Map<string, KnownLead>();
  readonly #collisions = new Map<bigint, number>();
  readonly #ledgers: ReadonlyMap<string, ConsentEvent[]>;

  constructor(vault: Vault, known: readonly KnownLead[], ledgers: ReadonlyMap<string, ConsentEvent[]>, options: PlanOptions) {
    this.#vault = vault;
    this.#options = options;
    this.#ledgers = ledgers;
    for (const lead of known) {
      this.#leads.set(lead.phone, lead);
      this.#collisions.set(lead.token, Math.max(this.#collisions.get(lead.token) ?? 0, lead.collision + 1));
    }
  }

  /** Everything that has been planned, sealed. */
  get rows(): AcquisitionRows {
    this.seal();
    return { ...this.facts, ...this.#sealed };
  }

  /** Seals what is left, or so many records of it. Answers whether there is more. */
  seal(atMost = Infinity): boolean {
    const end = Math.min(this.#unsealed.length, this.#sealedCount + atMost);
    for (; this.#sealedCount < end; this.#sealedCount += 1) this.#sealOne(this.#unsealed[this.#sealedCount] as Unsealed);
    return end < this.#unsealed.length;
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
    this.#unsealed.push({ lead, factId: known ? acquisitionId : lead.id, acquisition, isNew: !known });
    for (const consent of acquisition.consents) this.#addConsent(acquisition, lead, acquisitionId, consent);
    this.#announce(acquisition, lead.id, acquisitionId);
    return { leadId: lead.id, acquisitionId, created: !known, stage: lead.stage };
  }

  #createLead(acquisition: Acquisition, token: bigint): KnownLead {
    const id = newId();
    const collision = this.#collisions.get(token) ?? 0;
    const jurisdictions = jurisdictionsOf(acquisition);
    const lead: KnownLead = { id, token, collision, stage: 'acquired', jurisdictions, phone: acquisition.phone, key: newDataKey() };
    this.#leads.set(acquisition.phone, lead);
    this.#collisions.set(token, collision + 1);
    this.facts.leads.push({
      id,
      token,
      collision,
      jurisdictions,
      stage_since: acquisition.receivedAt,
      source_id: acquisition.source.id,
      created_at: acquisition.receivedAt,
      next_review_at: new Date(acquisition.receivedAt.getTime() + FIRST_REVIEW_WITHIN_MS),
    });
    return lead;
  }

  #sealOne(record: Unsealed): void {
    const { lead, factId } = record;
    if ('evidence' in record) return this.#seal(lead, factId, 2, record.evidence, null);
    if (record.isNew) this.#sealed.subjectKeys.push({ lead_id: lead.id, ...this.#vault.wrapKey(lead.id, lead.key) });
    const { l1, l2 } = personalRecords(record.acquisition, record.isNew);
    const emailToken = l2?.email === undefined ? null : this.#vault.emailToken(l2.email);
    if (l2) this.#seal(lead, factId, 2, l2, emailToken);
    if (l1) this.#seal(lead, factId, 1, l1, null);
  }

  #seal(lead: KnownLead, factId: string, tier: 1 | 2, record: object, emailToken: bigint | null): void {
    const sealed = seal(lead.key, { leadId: lead.id, factId, tier }, JSON.stringify(record));
    this.#sealed.personalData.push({ lead_id: lead.id, fact_id: factId, tier, sealed, email_token: emailToken });
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
      confirmation: acquisition.source.confirmation,
      text_version: consent.evidence?.textVersion ?? null,
    });
    if (consent.evidence) this.#unsealed.push({ lead, factId: id, evidence: consent.evidence });
  }

  #announce(acquisition: Acquisition, leadId: string, acquisitionId: string): void {
    const { lane } = this.#options;
    this.facts.outbox.push({ subject: leadId, workflow: 'lead', signal: 'acquired', fact_id: acquisitionId, lane, due_at: acquisition.receivedAt });
  }
}
