/** How far the sweep has come: what it looks for, and after which lead. Ids and moments only. */
export interface SweepPlace {
  phase: 'dispose' | 'archive' | 'freed' | 'closed';
  /** Null at the beginning of a phase. */
  after: { at: string; id: string } | null;
  /** The orders that have ended and whose leads are being looked at. */
  holds?: string[];
}

export interface SweepPart {
  /** Where to go on; null at the end. */
  place: SweepPlace | null;
  /** Leads whose time was over and that had been missed, and those of them that were told to be reviewed. */
  found: number;
  poked: number;
  /** So much waits for delivery already that it has to wait. */
  isCrowded: boolean;
}

const PHASES: Record<SweepPlace['phase'], string> = {
  dispose: 'leads that were due to be destroyed',
  archive: 'leads that were due for the archive',
  freed: 'leads whose hold has ended',
  closed: 'leads whose source or campaign was closed',
};

/** What an operator reads of a sweep, in Markdown. */
export function sweepCard(totals: { found: number; poked: number }, place: SweepPlace | null, isCrowded: boolean): string {
  const found = totals.found === 1 ? '1 lead was' : `${totals.found} leads were`;
  return [
    place === null ? '### Nothing is left to look at' : `### Looks through ${PHASES[place.phase]}`,
    `- ${found} found whose time was over`,
    `- ${totals.poked} of them are reviewed again; for the others word was waiting, or their disposal tries again by itself`,
    ...(place?.after ? [`- has come to what was due on ${place.after.at.slice(0, 10)}`] : []),
    ...(isCrowded ? ['- waits: so many messages are on their way that more would only queue'] : []),
  ].join('\n');
}
