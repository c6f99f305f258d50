import type { Replayed } from '../../endings/journal/replay.ts';

/** What a restore came to. Counts and instants. */
export interface RestoreReport {
  backupId: string;
  /** The state the store was taken back to. */
  snapshotAt: string;
  restoredAt: string;
  tables: number;
  rows: number;
  /** Sealed records from all over that were opened with the keys. */
  opened: number;
  replayed: Replayed;
  /** Leads whose workflows are told to look again, or started. */
  leadsTold: number;
  /** Requests of persons that are open, whose workflows are told or started. */
  requestsTold: number;
  /** Null until the workflows were brought into agreement. */
  workflows: { looked: number; ended: number; told: number } | null;
}

const WORDS: Record<string, string> = {
  suppression: 'suppressions', withdrawal: 'withdrawals of consents', unclear: 'statements that may be opt-outs',
  statement: 'statements of persons who were not known yet', request: 'requests of persons', hold: 'orders not to dispose',
  lift: 'suppressions that had ended', outlived: 'suppressions whose person was forgotten', unclear_resolved: 'statements that somebody had looked at',
  erasure: 'leads that asked to be forgotten', hold_released: 'orders that were released', key_revoked: 'API keys that were revoked',
  suspended: 'sources that were suspended',
};

/** The report of a restore, for the person who has to answer for what is missing. */
export function restoreText(report: RestoreReport): string {
  const { snapshotAt, restoredAt, rows, replayed, leadsTold, requestsTold, workflows } = report;
  const kinds = Object.entries(replayed.kinds).filter(([, { put, impossible }]) => put + impossible > 0);
  return [
    `Restored: the store as of ${snapshotAt}, ${rows} rows.`,
    `Window of possible loss: from ${snapshotAt} to ${restoredAt}.`,
    replayed.lastAt === null
      ? 'The journal holds nothing. If it should, stop here: the journal folder may be the wrong one.'
      : `The last fact in the journal happened at ${replayed.lastAt}.`,
    '', 'Put back from the journal:',
    `- ${replayed.disposals} leads were disposed of again`,
    ...kinds.map(([kind, { put, impossible }]) => {
      return `- ${put} ${WORDS[kind] ?? kind}${impossible > 0 ? `; ${impossible} more speak of what is not in the backup` : ''}`;
    }),
    ...(replayed.unreadable > 0 ? [`- ${replayed.unreadable} lines of the journal were cut off while they were written and say nothing`] : []),
    '', 'Not known any more, where it happened in that window:',
    '- leads and acquisitions that came in, and consents that were given: have them sent again (imports and webhooks may be repeated)',
    '- clearances and outcomes: attempts made since do not count for caps and cooldowns until they are reported as contacts',
    '- releases of do-not-call lists: load the latest ones; until then calls that need them may be held up',
    '- settings, API keys, sources and endpoints that were made or changed; holds by search or reason are back without their words',
    '- opt-outs that were received in the last moments and not yet written into the journal (metric leadwarden_journal_oldest_seconds)',
    '', `${leadsTold} leads and ${requestsTold} open requests of persons are told to look again; the relay starts or wakes their workflows at its own rate.`,
    workflows === null
      ? 'Their workflows have not been brought into agreement yet: run the same command again once the Temporal of this house answers at TEMPORAL_ADDRESS.'
      : `${workflows.looked} workflows were looked at: ${workflows.ended} of leads that are not in the backup were ended, ${workflows.told} of leads that are disposed of were told.`,
  ].join('\n');
}
