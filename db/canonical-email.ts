import { domainToASCII } from 'node:url';

/**
 * The one spelling of an e-mail address by which it is looked up: without capitals, composed (Unicode NFC), and with its domain
 * as the name servers have it (`xn--...`). CRMs and mail services have habits of their own, and an opt-out must find its person.
 */
export function canonicalEmail(email: string): string {
  const plain = email.trim().normalize('NFC').toLowerCase();
  const at = plain.lastIndexOf('@') + 1;
  const domain = plain.slice(at);
  return BEYOND_ASCII.test(domain) ? plain.slice(0, at) + (domainToASCII(domain) || domain) : plain;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;
