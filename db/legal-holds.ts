import { sql, type RawBuilder } from 'kysely';

/** Whether an order not to dispose of it stands at a moment: SQL over a row of `lead`. */
export function holdStands(at: Date): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from legal_hold
    where released_at is null and placed_at <= ${at} and (until is null or until > ${at}) and case kind
      when 'lead' then legal_hold.lead_id = lead.id
      when 'source' then exists (
        select 1 from acquisition where acquisition.lead_id = lead.id and acquisition.source_id = legal_hold.source_id)
      when 'campaign' then exists (
        select 1 from acquisition where acquisition.lead_id = lead.id and acquisition.campaign = legal_hold.campaign)
      else (search->>'jurisdiction' is null or search->>'jurisdiction' = any(lead.jurisdictions))
        and (search->>'stage' is null or search->>'stage' = lead.stage)
        and (search->>'acquiredFrom' is null or lead.created_at >= (search->>'acquiredFrom')::timestamptz)
        and (search->>'acquiredTo' is null or lead.created_at < (search->>'acquiredTo')::timestamptz)
      end)`;
}
