const maxLine = 70;

/**
 * The line at a position of a statement, and a caret below the position.
 * @param position number of characters before it; no excerpt if it is not a number
 */
export function excerptAt(sql: string, position: number): { excerpt?: string } {
  if (!Number.isInteger(position) || position < 0) return {};
  const before = [...sql].slice(0, position).join('');
  const lines = sql.split('\n');
  const number = before.split('\n').length;
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length;
  const characters = [...lines[number - 1]!.replaceAll(/[\r\t]/g, ' ')];
  // A long line is cut around the position.
  const start = characters.length > maxLine ? Math.max(0, column - maxLine / 2) : 0;
  const label = `LINE ${number}: ${start > 0 ? '…' : ''}`;
  const shown = characters.slice(start, start + maxLine).join('');
  return { excerpt: `${label}${shown}\n${' '.repeat([...label].length + column - start)}^` };
}

/** The excerpt in a message of DuckDB, which marks the position itself. */
export function excerptIn({ message }: Error): { excerpt?: string } {
  const match = /^LINE \d+: .*\n *\^/m.exec(message);
  return match ? { excerpt: match[0] } : {};
}
