import type { SubjectRequestKind } from '../../domain/subject-request.ts';
import type { Language } from '../../domain/wording/language.ts';
import type { HandedOver } from '../../endings/handing-over.ts';
import { providedBy } from '../../intake/subject-answers.ts';
import { csvRecord } from '../csv.ts';
import type { Answer } from '../route.ts';
import { answerDocument } from './answer-document.ts';
import { headersOf, HTML } from './document.ts';

export const ANSWER_FORMATS = ['json', 'html', 'csv'] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

/** In which content type each is sent. */
export const ANSWER_TYPES = { json: 'application/json', html: HTML, csv: 'text/csv; charset=utf-8' } as const satisfies Record<AnswerFormat, string>;

interface Wanted {
  id: string;
  kind: SubjectRequestKind;
  format: AnswerFormat;
  language: Language;
}

/**
 * The answer to a request as it is sent: a document to read, or a file. What the person provided is all that a transfer is
 * about.
 */
export function answerContent(held: HandedOver, { id, kind, format, language }: Wanted): Pick<Answer, 'headers' | 'content'> {
  const headers = headersOf(language);
  const type = ANSWER_TYPES[format];
  if (format === 'html') return { headers, content: { type, data: answerDocument(language, held) } };
  const file = { ...headers, 'content-disposition': `attachment; filename="${kind}-${id}.${format}"` };
  if (format === 'csv') {
    const rows = providedBy(held).map(({ field, value, at }) => csvRecord([field, value, at]));
    return { headers: file, content: { type, data: csvRecord(['field', 'value', 'at']) + rows.join('') } };
  }
  const told = kind === 'portability' ? { preparedAt: held.preparedAt, company: held.company, provided: providedBy(held) } : held;
  return { headers: file, content: { type, data: `${JSON.stringify(told, null, 2)}\n` } };
}
