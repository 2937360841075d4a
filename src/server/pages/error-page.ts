import { STATUS_CODES } from 'node:http';
import type { WattduckError } from '../../errors/wattduck-error.ts';
import { escapeHtml } from '../../text/html.ts';
import { htmlHead } from './layout.ts';

/** The page of an error: what went wrong, and the next step. */
export function errorPage({ message, hint }: WattduckError, status: number): string {
  const title = STATUS_CODES[status] ?? 'Error';
  return `${htmlHead(title, '')}
<body>
<main>
<h1>${title}</h1>
<p role="alert">${escapeHtml(message)}</p>
${hint === undefined ? '' : `<p class="soft">${escapeHtml(hint)}</p>\n`}</main>
</body>
</html>
`;
}
