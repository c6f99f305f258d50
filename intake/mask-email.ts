/**
 * The masked form of an e-mail address: its first character and its domain (`j***@example.com`), always three stars so
 * that the length does not show. A text without a domain or without anything before it shows nothing at all.
 */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first] = email.slice(0, Math.max(at, 0));
  return first === undefined ? '***' : `${first}***${email.slice(at)}`;
}
