import type { NewCertificateCheck } from '../../db/certificate-checks.ts';
import type { ConsentFacts } from '../../db/consent-moves.ts';
import { newId } from '../../db/ids.ts';
import type { KnownLead } from '../../db/leads.ts';
import type { NewConsentRow } from '../../db/consents.ts';
import { gradeOf, type Channel, type ConsentEvent, type ConsentFile } from '../../domain/consent.ts';
import { effectOfFiledConsent } from '../../domain/consent-ledger.ts';
import { needsConfirmation, type Settings } from '../../domain/settings.ts';
import type { Confirmation } from '../../domain/source.ts';
import { newChecks } from '../certificates.ts';
import { problem, refuseRow, type RowRefusal } from '../import/refusal.ts';
import type { PersonalText } from '../sealing.ts';
import type { ConsentRow } from './consent-rows.ts';

/** What is on the books about the people of a batch. */
export interface Surroundings {
  /** By number. */
  leads: ReadonlyMap<string, KnownLead>;
  ledgers: ReadonlyMap<string, readonly ConsentEvent[]>;
  settings: Settings;
  facts: ConsentFacts;
  importId: string;
  receivedAt: Date;
}

/** A number that is no lead, and what it does not want any more. */
export interface OptOut {
  phone: string;
  channel: Channel | 'all';
  at: Date;
}

/** Decides row by row what becomes of a batch. Does no I/O. */
export class ConsentPlan {
  readonly events: NewConsentRow[] = [];
  readonly optOuts: OptOut[] = [];
  readonly refusals: RowRefusal[] = [];
  readonly texts: PersonalText[] = [];
  readonly checks: NewCertificateCheck[] = [];
  readonly counts = { recorded: 0, known: 0, suppressed: 0, refused: 0, waiting: 0 };
  readonly #around: Surroundings;
  readonly #ledgers: Map<string, ConsentEvent[]>;

  constructor(rows: readonly (ConsentRow | RowRefusal)[], around: Surroundings) {
    this.#around = around;
    this.#ledgers = new Map([...around.ledgers].map(([leadId, ledger]) => [leadId, [...ledger]]));
    for (const row of rows) this.#take(row);
    for (const event of this.events) this.#settleEffect(event);
    this.counts.waiting = this.events.filter(({ effect }) => effect === 'waiting').length;
  }

  #take(row: ConsentRow | RowRefusal): void {
    if ('code' in row) return this.#refuse(row);
    const lead = this.#around.leads.get(row.phone);
    if (lead) return this.#add(row, lead);
    if (row.kind !== 'revoked') return this.#refuse(refuseRow(row.row, [problem('acquisition_unknown', '')]));
    this.counts.suppressed += 1;
    this.optOuts.push({ phone: row.phone, channel: row.channel, at: row.at });
  }

  #refuse(refusal: RowRefusal): void {
    this.counts.refused += 1;
    this.refusals.push(refusal);
  }

  #add(row: ConsentRow, lead: KnownLead): void {
    const ledger = this.#ledgers.get(lead.id) ?? [];
    const event = this.#eventOf(row, lead);
    if (ledger.some((known) => this.#isSame(known, event))) {
      this.counts.known += 1;
      return;
    }
    this.#ledgers.set(lead.id, [...ledger, event]);
    this.counts.recorded += 1;
    this.events.push(this.#rowOf(row, lead, event));
    this.#keepEvidence(row, lead, event.id);
  }

  #eventOf(row: ConsentRow, lead: KnownLead): ConsentEvent {
    const { kind, channel, purpose, ownAct } = row;
    const { importId, receivedAt } = this.#around;
    const file: ConsentFile = { path: row.file === null ? importId : `${importId}/${row.file}`, ownAct: kind === 'granted' && ownAct };
    return {
      id: newId(), kind, channel, purpose, effect: 'in_force', carried: true, happenedAt: row.at, receivedAt, expiresAt: row.expiresAt, file,
      grade: kind === 'granted' ? gradeOf(row.grade, row.evidence) : row.grade ?? 'implied',
      confirmation: this.#confirmationOf(row, lead),
    };
  }

  /** What the file says; where it says nothing, what the lead's source asks for. The company's settings ask in any case. */
  #confirmationOf({ kind, channel, purpose, confirmation }: ConsentRow, { id, jurisdictions }: KnownLead): Confirmation {
    if (kind !== 'granted' || channel === 'all' || purpose === 'all') return 'none';
    if (needsConfirmation(this.#around.settings, { jurisdictions, channel, purpose })) return 'double_opt_in';
    return confirmation ?? this.#around.facts.confirmations.get(id) ?? 'none';
  }

  /**
   * What is on record from elsewhere stays as it is, whatever terms the file gives it: files only fill gaps. Within the file
   * itself the terms count, so that it comes to the same in whatever order its rows stand.
   */
  #isSame(known: ConsentEvent, event: ConsentEvent): boolean {
    if (keyOf(known) !== keyOf(event)) return false;
    const { importId } = this.#around;
    return known.file?.path.split('/')[0] !== importId || termsOf(known) === termsOf(event);
  }

  #rowOf({ evidence, via }: ConsentRow, { id: leadId }: KnownLead, event: ConsentEvent): NewConsentRow {
    const { id, kind, channel, purpose, grade, effect, confirmation, happenedAt, receivedAt, expiresAt, file } = event;
    const { textVersion = null, method = null } = evidence;
    return {
      id, kind, channel, purpose, grade, effect, confirmation, method, via,
      lead_id: leadId,
      acquisition_id: null,
      happened_at: happenedAt,
      received_at: receivedAt,
      expires_at: expiresAt,
      text_version: textVersion,
      text_source_id: textVersion === null ? null : this.#around.facts.textSources.get(`${leadId} ${textVersion}`) ?? null,
      origin: file?.path ?? null,
      own_act: file?.ownAct ?? false,
    };
  }

  #keepEvidence({ evidence, kind }: ConsentRow, lead: KnownLead, factId: string): void {
    if (Object.keys(evidence).length === 0) return;
    const { id: leadId, key } = lead;
    this.texts.push({ leadId, key, isKeyNew: false, factId, tier: 2, text: JSON.stringify(evidence), email: null });
    if (kind === 'granted') this.checks.push(...newChecks([{ consentId: factId, leadId, evidence }], 'import', this.#around.receivedAt));
  }

  /** Once all rows of the batch are known: a grant that cannot take effect waits for the person. */
  #settleEffect(row: NewConsentRow): void {
    const ledger = this.#ledgers.get(row.lead_id) ?? [];
    const event = ledger.find(({ id }) => id === row.id);
    if (event?.kind !== 'granted') return;
    const isSuppressed = this.#around.facts.suppressions.some(({ leadId, channel }) => {
      return leadId === row.lead_id && (channel === 'all' || channel === row.channel);
    });
    row.effect = isSuppressed ? 'waiting' : effectOfFiledConsent(ledger, event, this.#around.receivedAt);
  }
}

function keyOf({ kind, channel, purpose, happenedAt }: ConsentEvent): string {
  return `${kind} ${channel} ${purpose} ${happenedAt.getTime()}`;
}

function termsOf({ grade, confirmation, expiresAt, file }: ConsentEvent): string {
  return JSON.stringify([grade, confirmation, expiresAt, file?.path, file?.ownAct]);
}
