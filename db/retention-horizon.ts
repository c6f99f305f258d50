import { sql, type RawBuilder } from 'kysely';
import type { Db } from './connection.ts';

/** Leads whose end falls into a stretch of time, by the rule behind it, as of their last reviews. */
export interface DueCount {
  end: 'archive' | 'dispose';
  /** 0: before the first month; n: in the n-th; one more than there are months: later. */
  nth: number;
  /** The rule behind the due date: a setting, `erasure`, `retrieval`, or a rule of law and its jurisdiction behind a space. */
  rule: string | null;
  /** An order keeps them from being destroyed. */
  held: boolean;
  leads: number;
}

/**
 * Counts the leads that fall due, by the months that begin at some moments, in order; the last moment ends the last month. Reads
 * two indexes and no row. A lead that is destroyed before or when it would be archived is not archived.
 */
export async function countDue(db: Db, months: readonly Date[]): Promise<DueCount[]> {
  const { rows } = await dueCounts(months).execute(db);
  return rows.map((row) => ({ ...row, leads: Number(row.leads) }));
}

/** The query behind it. */
export function dueCounts(months: readonly Date[]): RawBuilder<Omit<DueCount, 'leads'> & { leads: bigint }> {
  return sql`
    select 'dispose' as end, width_bucket(retain_until, ${months}::timestamptz[]) as nth, retain_rule as rule, held, count(*) as leads
    from lead where disposed_at is null and retain_until is not null group by 2, 3, 4
    union all
    select 'archive', width_bucket(archive_due_at, ${months}::timestamptz[]), archive_rule, held, count(*)
    from lead
    where archived_at is null and disposed_at is null and archive_due_at is not null
      and (held or archive_due_at < retain_until)
    group by 2, 3, 4`;
}
