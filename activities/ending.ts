/** How far the end of a lead has come. Holds ids and words of closed lists. */
export interface EndingStep {
  isDone: boolean;
  /** When to go on, where it is not done. */
  againInMs: number;
  /** What it waits for: names of stores, or `hold`. */
  waitsFor: string[];
  /** Of a disposal: what each store has said so far, in a word of a closed list. */
  stores?: Record<string, string>;
  /** The certificate of a disposal that is complete. */
  certificateId?: string;
}
