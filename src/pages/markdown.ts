import { escapeHtml } from '../text/html.ts';

/**
 * The Markdown of our own texts as HTML: paragraphs, tables, code, bold text and links. Links lead to files of the documentation, so
 * only their text remains.
 */
export const markdownHtml = (markdown: string): string =>
  markdown
    .split(/\n{2,}/)
    .map((block) => (block.startsWith('|') ? tableHtml(block) : `<p>${inlineHtml(block)}</p>`))
    .join('\n');

/** Code, bold text and links in one paragraph. */
export const inlineHtml = (markdown: string): string =>
  escapeHtml(markdown)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\[([^\]]+)\]\([^)\s]*\)/g, '$1');

function tableHtml(block: string): string {
  const [head = '', , ...rows] = block.split('\n');
  const cells = (line: string, tag: 'th' | 'td'): string =>
    line
      .replace(/^\||\|\s*$/g, '')
      .split('|')
      .map((cell) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${inlineHtml(cell.trim())}</${tag}>`)
      .join('');
  return `<div class="scroll" tabindex="0"><table>
<thead><tr>${cells(head, 'th')}</tr></thead>
<tbody>
${rows.map((line) => `<tr>${cells(line, 'td')}</tr>`).join('\n')}
</tbody>
</table></div>`;
}
