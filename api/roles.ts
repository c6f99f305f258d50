/** Who can call: what a key, and later a person, is allowed to do follows from the one role it has. */
export const ROLES = ['agent', 'operator', 'compliance', 'auditor', 'integration', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Every role: for what anybody with a key may see. */
export const ANYONE: readonly Role[] = ROLES;
/** May see leads, masked. */
export const LEAD_READERS: readonly Role[] = ['agent', 'operator', 'compliance', 'auditor', 'admin'];
/** May see personal data unmasked, with a stated reason. */
export const REVEALERS: readonly Role[] = ['compliance', 'admin'];
/** May bring leads in. */
export const ACQUIRERS: readonly Role[] = ['operator', 'integration', 'admin'];
/** May follow what became of a file. */
export const IMPORT_READERS: readonly Role[] = ['operator', 'integration', 'compliance', 'auditor', 'admin'];
export const SOURCE_READERS: readonly Role[] = ['operator', 'compliance', 'auditor', 'integration', 'admin'];
export const SOURCE_KEEPERS: readonly Role[] = ['operator', 'admin'];
export const KEY_KEEPERS: readonly Role[] = ['admin'];
/** May report what became known of a person: consents, withdrawals, relationships, portings. */
export const FACT_REPORTERS: readonly Role[] = ['operator', 'compliance', 'integration', 'admin'];
/** May report contacts and people who do not want any. */
export const CONTACT_REPORTERS: readonly Role[] = ['agent', 'operator', 'compliance', 'integration', 'admin'];
/** May end a suppression and change what the company asks of itself. */
export const RULE_KEEPERS: readonly Role[] = ['compliance', 'admin'];
export const SETTINGS_READERS: readonly Role[] = ['operator', 'compliance', 'auditor', 'integration', 'admin'];
/** May look through what waits for a person, and take a source out of use. */
export const QUEUE_KEEPERS: readonly Role[] = ['operator', 'compliance', 'admin'];
/** May let others send webhooks, and change their secrets. */
export const WEBHOOK_KEEPERS: readonly Role[] = ['operator', 'compliance', 'admin'];
export const WEBHOOK_READERS: readonly Role[] = ['operator', 'compliance', 'auditor', 'integration', 'admin'];
/** May register lists and decide about their releases. */
export const LIST_KEEPERS: readonly Role[] = ['compliance', 'admin'];
/** May send releases of lists. */
export const LIST_SENDERS: readonly Role[] = ['operator', 'compliance', 'admin'];
/** May see lists and what became of their releases, none of which is personal. */
export const LIST_READERS: readonly Role[] = ['operator', 'compliance', 'auditor', 'integration', 'admin'];
/** May ask whether numbers are on a list. */
export const LIST_CHECKERS: readonly Role[] = ['agent', 'operator', 'compliance', 'integration', 'admin'];
/** May say where events are sent, and see how that goes. */
export const ENDPOINT_KEEPERS: readonly Role[] = ['integration', 'admin'];
export const ENDPOINT_READERS: readonly Role[] = ['operator', 'compliance', 'auditor', 'integration', 'admin'];
/** May see who wanted archived leads back, and why. */
export const RETRIEVAL_READERS: readonly Role[] = ['compliance', 'auditor', 'admin'];
/** May prove, replay and count what was answered. */
export const RECORD_READERS: readonly Role[] = ['operator', 'compliance', 'auditor', 'admin'];
/** May order that leads are not disposed of, and release them. */
export const HOLD_KEEPERS: readonly Role[] = ['compliance', 'admin'];
/** May see those orders with their reasons. */
export const HOLD_READERS: readonly Role[] = ['compliance', 'auditor', 'admin'];
/** May order that a lead is destroyed, agree to that, and answer for a store that does not confirm. */
export const DISPOSERS: readonly Role[] = ['compliance', 'admin'];
