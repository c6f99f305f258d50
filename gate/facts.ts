import type { ConsentRow, PersonRow } from '../db/gate-facts.ts';
import type { CampaignCalls, GateFacts, ListState } from '../domain/clearance.ts';
import { FIXED_LISTS } from '../domain/policies/fixed-lists.ts';
import type { Settings } from '../domain/settings.ts';

/** What is the same for all persons of one reading. */
export interface Shared {
  lists: readonly Omit<ListState, 'listedSince'>[];
  campaign: readonly CampaignCalls[];
  namesSeller: (consent: Pick<ConsentRow, 'textSourceId' | 'textVersion'>) => boolean;
  /** The moment that is judged. */
  at: Date;
}

/** What a decision about one person may look at, from what was read. */
export function factsOf(row: PersonRow, { lists, campaign, namesSeller, at }: Shared): GateFacts {
  return {
    lead: leadOf(row),
    acquisitions: (row.acquisitions ?? []).map(({ acquiredAt, suspendedAt, ...rest }) => {
      return { ...rest, acquiredAt: new Date(acquiredAt), suspendedAt: moment(suspendedAt) };
    }),
    consents: (row.consents ?? []).map((consent) => consentOf(consent, namesSeller)),
    suppressions: (row.suppressions ?? []).map(({ reportedAt, receivedAt, liftedAt, ...rest }) => {
      return { ...rest, reportedAt: new Date(reportedAt), receivedAt: new Date(receivedAt), liftedAt: moment(liftedAt) };
    }),
    relationships: (row.relationships ?? []).map(({ at, endsAt, ...rest }) => {
      return { ...rest, at: new Date(at), endsAt: moment(endsAt) };
    }),
    contacts: (row.contacts ?? []).map(({ startedAt, endedAt, ...rest }) => {
      return { ...rest, startedAt: new Date(startedAt), endedAt: new Date(endedAt) };
    }),
    openClearance: openAt(row.reservation, at),
    lists: row.id === null ? [] : listsOf(row, lists),
    campaign,
    reassigned: row.reassigned
      ? { ...row.reassigned, askedAt: new Date(row.reassigned.askedAt), knownGoodAt: moment(row.reassigned.knownGoodAt ?? null) }
      : null,
    portings: (row.portings ?? []).map(({ at, ...rest }) => ({ ...rest, at: new Date(at) })),
    unclearOptOuts: (row.unclearOptOuts ?? []).map(({ statedAt, ...rest }) => ({ ...rest, statedAt: new Date(statedAt) })),
  };
}

/** A list that is required, that nobody has registered and that the law does not know: one of everywhere, without a release. */
const EVERYWHERE = '*';

/** The lists in one reading, which PostgreSQL puts into its first row, and those that the settings ask for beside them. */
export function listsIn(rows: readonly PersonRow[], { lists: { required } }: Settings): Shared['lists'] {
  const registered = (rows[0]?.lists ?? []).map(({ release, ...list }) => {
    return { ...list, release: release ? { id: release.id, asOf: new Date(release.asOf) } : null };
  });
  const names = new Set(registered.map(({ list }) => list));
  const unregistered = required.filter((list) => !names.has(list)).map((list) => {
    return { list, jurisdiction: FIXED_LISTS.get(list)?.jurisdiction ?? EVERYWHERE, effect: 'block' as const, release: null };
  });
  return [...registered, ...unregistered];
}

/** A reservation that has ended by itself stands in nobody's way. */
function openAt(reservation: PersonRow['reservation'], at: Date): GateFacts['openClearance'] {
  const until = reservation && new Date(reservation.until);
  return reservation && until && until > at ? { id: reservation.id, until } : null;
}

function leadOf(row: PersonRow): GateFacts['lead'] {
  if (row.id === null) return null;
  const { id, lineType, archivedAt, disposedAt } = row;
  return {
    id,
    jurisdictions: row.jurisdictions ?? [],
    zones: row.zones ?? [],
    lineType,
    isCompany: row.isCompany === true,
    archivedAt,
    disposedAt,
  };
}

type ConsentJson = NonNullable<PersonRow['consents']>[number];

function consentOf(
  { textSourceId, textVersion, happenedAt, receivedAt, expiresAt, ...rest }: ConsentJson, namesSeller: Shared['namesSeller'],
): GateFacts['consents'][number] {
  return {
    ...rest,
    happenedAt: new Date(happenedAt),
    receivedAt: new Date(receivedAt),
    expiresAt: moment(expiresAt),
    namesSeller: namesSeller({ textSourceId, textVersion }),
  };
}

/** The lists of the places that the lead may be in, and any other on which its number stands. */
function listsOf({ hits, jurisdictions }: PersonRow, lists: Shared['lists']): ListState[] {
  const since = new Map((hits ?? []).map((hit) => [hit.list, new Date(hit.since)]));
  return lists
    .filter(({ list, jurisdiction }) => since.has(list) || jurisdiction === EVERYWHERE || jurisdictions?.includes(jurisdiction))
    .map((list) => ({ ...list, listedSince: since.get(list.list) ?? null }));
}

function moment(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
