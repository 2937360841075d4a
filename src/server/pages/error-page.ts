import { STATUS_CODES } from 'node:http';
import type { WattduckError } from '../../errors/wattduck-error.ts';
import { layoutPage, type PageFrame } from '../../pages/layout.ts';
import { escapeHtml } from '../../text/html.ts';

/** The page of an error: what went wrong, and the next step. */
export function errorPage(
  frame: Omit<PageFrame, 'title'>,
  { message, hint }: Pick<WattduckError, 'message' | 'hint'>,
  status: number,
): string {
  const title = STATUS_CODES[status] ?? 'Error';
  const next = hint === undefined ? '' : `\n<p class="soft">${escapeHtml(hint)}</p>`;
  return layoutPage(
    { ...frame, title },
    `<h1>${title}</h1>\n<div class="message error" role="alert"><p>${escapeHtml(message)}</p>${next}</div>`,
  );
}
