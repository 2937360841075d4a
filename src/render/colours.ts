/** Colours of charts and pages, for light and dark. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ['#ffffff', '#1a2029'],
  ink: ['#1c2430', '#e6e9ee'],
  soft: ['#5b6675', '#9aa5b4'],
  line: ['#e3e8ee', '#2f3845'],
  accent: ['#0b63b5', '#6db3f2'],
  forecast: ['#b45309', '#f0a04b'],
  band: ['#f3d9bd', '#5a452f'],
  good: ['#9cc3ea', '#2b5580'],
  warn: ['#c77700', '#f0a04b'],
  bad: ['#b3261e', '#ff8a80'],
  part1: ['#0b63b5', '#6db3f2'],
  part2: ['#b45309', '#f0a04b'],
  part3: ['#1b7f5c', '#5fc9a0'],
  part4: ['#7c4dbd', '#c39bf0'],
  part5: ['#b0366f', '#f08ab8'],
  part6: ['#6d6a00', '#cfc95a'],
  others: ['#7d8896', '#8792a1'],
};

const declarations = (mode: 0 | 1): string =>
  Object.entries(colours)
    .map(([name, pair]) => `--${name}:${pair[mode]}`)
    .join(';');

/** CSS that defines the colours of charts below a selector, for light and dark. */
export const chartColours = (selector: string): string =>
  `${selector}{${declarations(0)}}@media (prefers-color-scheme:dark){${selector}{${declarations(1)}}}`;

/** The same for light alone, for print. */
export const lightColours = (selector: string): string => `${selector}{${declarations(0)}}`;

/** Fonts of charts: those of the system, which need no download. */
export const fontStack = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif";

/** Colour of a series. */
export const partColour = (index: number): string => `var(--${index < 6 ? `part${index + 1}` : 'others'})`;
