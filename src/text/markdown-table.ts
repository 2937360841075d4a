/**
 * A Markdown table, without a final line feed.
 * @param isNumeric whether the column at an index is aligned right
 */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  isNumeric: (column: number) => boolean = () => false,
): string {
  const rule = header.map((_, column) => (isNumeric(column) ? '---:' : '---'));
  return [header, rule, ...rows].map(markdownRow).join('\n');
}

const markdownRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
