// oxlint-disable-next-line no-control-regex
const colourCodes = /\u001B\[\d+m/g;
/** Characters that take two columns of the screen. */
const wideCharacters =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}]/gu;

/** Width of a text on the screen. The start of the program needs it, so it loads no library. */
function displayWidth(text: string): number {
  const plain = text.replaceAll(colourCodes, '');
  return /^[ -~]*$/.test(plain) ? plain.length : [...plain].length + (plain.match(wideCharacters)?.length ?? 0);
}

/** Breaks lines longer than a width between words. The lines that follow are indented; a longer word stays whole. */
export const wrapWords = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');

function wrapLine(line: string, width: number): string {
  if (displayWidth(line) <= width) return line;
  const indent = `${/^ */.exec(line)![0]}  `;
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S) +/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current === '' || displayWidth(longer) <= width) {
      current = longer;
      continue;
    }
    lines.push(current);
    current = indent + word;
  }
  return [...lines, current].join('\n');
}
