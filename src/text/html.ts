import { plainText } from './plain-text.ts';

/** Text for HTML content and attributes, without invisible characters. */
export const escapeHtml = (text: string): string =>
  plainText(text).replaceAll(/[&<>"']/g, (found) => `&#${found.codePointAt(0)};`);

/** A value for an attribute whose characters all matter, such as an ID in a form: invisible ones are written as numbers. */
export const escapeValue = (value: string): string =>
  value
    .replaceAll(/\p{Cs}/gu, '\uFFFD')
    .replaceAll(/[^ !#-%(-;=?-~\u00A1-\u00AC\u00AE-\u02FF]/gu, (found) => `&#${found.codePointAt(0)};`);
