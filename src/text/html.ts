import { plainText } from './plain-text.ts';

/** Text for HTML content and attributes, without invisible characters. */
export const escapeHtml = (text: string): string =>
  plainText(text).replaceAll(/[&<>"']/g, (found) => `&#${found.codePointAt(0)};`);
