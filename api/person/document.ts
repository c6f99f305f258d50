import { createHash } from 'node:crypto';
import type { Language } from '../../domain/wording/language.ts';
import { WORDINGS } from '../../domain/wording/wordings.ts';
import { escapeHtml } from '../html.ts';
import type { Answer } from '../route.ts';
import { STYLE } from './style.ts';

/** A page of one person's own, apart from what all of them have. `content` is HTML. */
export interface PersonPage {
  status: number;
  language: Language;
  /** Stands before the page's heading in the window's title: what just happened. */
  news?: string;
  title: string;
  /** Who holds the data; null where that could not be found out. */
  company: string | null;
  content: string;
}

/** The page's own style and its own forms, and nothing else: no script, no image, no frame, nothing from anywhere. */
const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

/** What keeps a page to the person it is for. */
export function headersOf(language: Language): Record<string, string> {
  return {
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
    'content-language': language,
    vary: 'Accept-Language',
  };
}

export const HTML = 'text/html; charset=utf-8';

/** The page as it is answered. */
export function answerPage(page: PersonPage): Answer {
  return { status: page.status, headers: headersOf(page.language), content: { type: HTML, data: documentOf(page) } };
}

/** The whole document. */
export function documentOf({ language, news, title, company, content }: PersonPage): string {
  const parts = [news, title, company].filter((part) => part !== undefined && part !== null);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escapeHtml(parts.join(' – '))}</title>
<style>${STYLE}</style>
</head>
<body>
<header>${company === null ? '' : `<p>${escapeHtml(company)}</p>`}</header>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
<footer><p>${escapeHtml(WORDINGS[language].footer)}</p></footer>
</body>
</html>
`;
}
