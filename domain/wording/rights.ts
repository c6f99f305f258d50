import type { ConsentEventKind } from '../consent.ts';
import type { SubjectRequestState } from '../subject-request.ts';
import type { Language } from './language.ts';
import { germanRights } from './rights-de.ts';
import { englishRights } from './rights-en.ts';
import { frenchRights } from './rights-fr.ts';
import { chineseRights } from './rights-zh.ts';

/** What is said to persons about their requests, in one language. In braces: {company}, {request}, {date}, {address}. */
export interface RightsWording {
  mail: {
    subject: string;
    intro: string;
    enter: string;
    open: string;
    until: string;
    otherwise: string;
  };
  page: {
    title: string;
    own: string;
    open: string;
    asked: string;
    due: string;
    states: Record<SubjectRequestState, string>;
    code: string;
    codeHint: string;
    codeNotSent: string;
    codeLabel: string;
    codeButton: string;
    send: string;
    sent: string;
    wrong: string;
    tooMany: string;
    verified: string;
    answer: string;
    answerHint: string;
    document: string;
    json: string;
    csv: string;
    notYet: string;
    erasing: string;
    held: string;
    inFull: string;
    inPart: string;
    keptUntil: string;
    protects: Record<string, string>;
    withdraw: string;
  };
  document: {
    title: string;
    intro: string;
    person: string;
    address: string;
    street: string;
    attributes: string;
    origin: string;
    originHint: string;
    received: string;
    ported: string;
    consents: string;
    kinds: Record<ConsentEventKind, string>;
    words: string;
    everything: string;
    everyChannel: string;
    contacts: string;
    contactsHint: string;
    clearances: string;
    clearancesHint: string;
    allowed: string;
    denied: string;
    suppressions: string;
    suppressed: string;
    listed: string;
    recipients: string;
    recipientsHint: string;
    shownTo: string;
    sentTo: string;
    requests: string;
    retention: string;
    retentionHint: string;
    keptAtMost: string;
    rights: string;
    rightsText: string;
    none: string;
    more: string;
    from: string;
  };
}

/** The words about requests, by language. */
export const RIGHTS: Record<Language, RightsWording> = {
  en: englishRights, de: germanRights, fr: frenchRights, zh: chineseRights,
};
