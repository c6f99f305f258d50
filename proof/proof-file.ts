/** Texts, and the blanks between the rest. */
const TEXTS_AND_BLANKS = /"(?:[^"\\]|\\.)*"|\s+/g;

/**
 * The value that a proof file holds, whatever blanks and escapes the programs that it went through have put in. Null when it is
 * no JSON, or can be read in two ways: with a member twice, one program would show its reader another value than the one that is
 * under the signature.
 */
export function readProofFile(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const compact = text.replace(TEXTS_AND_BLANKS, (part) => (part.startsWith('"') ? asWeWrite(part) : ''));
    return compact === JSON.stringify(value) ? value : null;
  } catch {
    return null;
  }
}

/** A text with no more escapes than it needs. */
function asWeWrite(text: string): string {
  return JSON.stringify(JSON.parse(text));
}
