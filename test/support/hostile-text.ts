/** Code points as text. */
const chars = (...points: number[]): string => String.fromCodePoint(...points);
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const wrap = (text: string): string => `a${text}b`;
const [esc, bel, st] = ['\u001b', '\u0007', '\u001b\\'];

/** C0 and DEL without line feed and tab, which text may have. */
export const c0 = [...range(0, 31).filter((point) => point !== 9 && point !== 10), 127].map((point) => chars(point));
export const c1 = range(0x80, 0x9f).map((point) => chars(point));
const bidi = [
  '\u061c',
  '\u200e',
  '\u200f',
  ...range(0x202a, 0x202e).map((point) => chars(point)),
  ...range(0x2066, 0x2069).map((point) => chars(point)),
];
const zeroWidth = [
  '\u00ad',
  '\u034f',
  '\u115f',
  '\u180e',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u2060',
  '\u2061',
  '\u2064',
  '\u3164',
  '\ufeff',
  '\uffa0',
  '\ufff9',
  chars(0xe0001),
  chars(0xe0041),
  chars(0xe0100),
];
const breaks = ['\u2028', '\u2029'];
const surrogates = ['\ud800', '\udbff', '\udc00', '\udfff'];

const loneSurrogate = /\p{Cs}/u;

/** Every character that must not reach a terminal, page or message. */
export const forbidden: readonly string[] = [...c0, ...c1, ...bidi, ...zeroWidth, ...breaks, ...surrogates];

const escapeSequences = [
  `${esc}]8;;http://evil.example${st}link${esc}]8;;${st}`,
  `${esc}]8;;http://evil.example${bel}link${esc}]8;;${bel}`,
  `${esc}]52;c;cm0gLXJmIC8=${bel}`,
  `${esc}]52;c;cm0gLXJmIC8=${st}`,
  `${esc}]0;title${bel}`,
  `${esc}]2;title${st}`,
  `${esc}]1337;File=:AAAA${bel}`,
  `${esc}[2J`,
  `${esc}[H`,
  `${esc}[1A`,
  `${esc}[2K`,
  `${esc}[10;10H`,
  `${esc}[?1049h`,
  `${esc}[?25l`,
  `${esc}[6n`,
  `${esc}[c`,
  `${esc}c`,
  `${esc}[31m`,
  `${esc}[1m`,
  `${esc}[8m`,
  `${esc}[0m`,
  `${esc}P1;2|q${st}`,
  `${esc}P$q"p${st}`,
  `${esc}_Gf=24;AAAA${st}`,
  `${esc}^private${st}`,
  `${esc}Xsos${st}`,
  `${esc}(0`,
  `${esc}#8`,
  `${esc}%G`,
  '\u009b2J',
  '\u009d52;c;cm0=\u009c',
  '\u0090q\u009c',
  `\r${esc}[Kwattduck: all is well`,
  '\b\b\b\bgone',
  'x\rerror: forged',
  '\u202Egnp.exe',
  '\u2066evil\u2069',
];

/** Combining marks stacked on one letter. */
export const flood = `e${'\u0301\u0316'.repeat(500)}`;

/** Values that try to control their display. NUL is omitted for file names and SQL texts. */
export const hostile: readonly string[] = [...forbidden.map(wrap), ...escapeSequences.map(wrap), flood];

/** The same as text that can be written to a file in UTF-8. */
export const encodable = hostile.filter((text) => !loneSurrogate.test(text) && !text.includes('\0'));

/** Matches text that must not be shown: one of the characters above, or more marks on a letter than any language has. */
export function findForbidden(text: string): string[] {
  const found = forbidden.filter((each) => (loneSurrogate.test(each) ? loneSurrogate.test(text) : text.includes(each)));
  return [
    ...found.map((each) => `U+${each.codePointAt(0)!.toString(16)}`),
    ...(/[\u0301\u0316]{9}/.test(text) ? ['flood'] : []),
  ];
}
