import type { Addressee } from '../../db/webhook-events.ts';
import type { ConsentEvent } from '../../domain/consent.ts';

/** A consent event, and how it was recorded. */
export type LedgerEvent = ConsentEvent & { method: string | null };

/** A lead that an event is about; what is planned for it is on its ledger at once. */
export interface KnownPerson {
  id: string;
  token: bigint;
  jurisdictions: string[];
  acquisitionId: string;
  stored: { kek: number; wrapped: Buffer };
  ledger: LedgerEvent[];
}

/** The leads among some rows by token; what was disposed of is nobody any more. */
export function peopleByToken(rows: readonly Addressee[]): Map<bigint, KnownPerson[]> {
  return Map.groupBy(rows.flatMap((row) => personOf(row) ?? []), ({ token }) => token);
}

function personOf({ id, token, jurisdictions, disposedAt, acquisitionId, kek, wrapped, ledger }: Addressee): KnownPerson | null {
  if (disposedAt !== null || acquisitionId === null || kek === null || wrapped === null) return null;
  const events = (ledger ?? []).map(({ happenedAt, receivedAt, expiresAt, ...event }) => {
    const ends = expiresAt === null ? null : new Date(expiresAt);
    return { ...event, happenedAt: new Date(happenedAt), receivedAt: new Date(receivedAt), expiresAt: ends };
  });
  return { id, token, jurisdictions, acquisitionId, stored: { kek, wrapped }, ledger: events };
}
