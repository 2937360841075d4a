import { escapeHtml } from '../../text/html.ts';
import { plainText } from '../../text/plain-text.ts';

/** A link; both its target and its text are escaped. */
export const link = (href: string, text: string): string =>
  `<a href="${escapeHtml(encodeURI(plainText(href)))}">${escapeHtml(text)}</a>`;

/** Start of a page up to the end of its head. @param rest HTML of further head elements */
export const htmlHead = (title: string, rest: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M9 0 3 9h4l-1 7 7-10H8z' fill='%23d97706'/%3E%3C/svg%3E">
${rest}
</head>`;
