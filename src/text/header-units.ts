import { normalizeHeader } from './names.ts';

/** A header split into its name and the unit it ends with: `Energy (Wh)` is `Energy` in `Wh`. */
export interface HeaderUnit {
  /** Normalized name without the unit. */
  base: string;
  /** Canonical unit, an ISO 4217 code, or the text in brackets if it is neither. */
  unit: string;
  kind: 'energy' | 'power' | 'percent' | 'time' | 'currency' | 'unknown';
  /** False if the unit is only the last word of the name, which may have another meaning, as in `price_per_kwh`. */
  isBracketed: boolean;
}

/** Spellings of a unit of time in other languages. */
function timeUnits(unit: string, words: string): Record<string, [string, HeaderUnit['kind']]> {
  return Object.fromEntries(words.split(' ').map((word) => [word, [unit, 'time']]));
}

/** Canonical units by their lower-case spellings. */
const units: Readonly<Record<string, [unit: string, kind: HeaderUnit['kind']]>> = {
  wh: ['Wh', 'energy'],
  kwh: ['kWh', 'energy'],
  mwh: ['MWh', 'energy'],
  w: ['W', 'power'],
  kw: ['kW', 'power'],
  mw: ['MW', 'power'],
  '%': ['%', 'percent'],
  percent: ['%', 'percent'],
  pct: ['%', 'percent'],
  s: ['seconds', 'time'],
  sec: ['seconds', 'time'],
  secs: ['seconds', 'time'],
  second: ['seconds', 'time'],
  seconds: ['seconds', 'time'],
  min: ['minutes', 'time'],
  mins: ['minutes', 'time'],
  minute: ['minutes', 'time'],
  minutes: ['minutes', 'time'],
  h: ['hours', 'time'],
  hr: ['hours', 'time'],
  hrs: ['hours', 'time'],
  hour: ['hours', 'time'],
  hours: ['hours', 'time'],
  ...timeUnits('seconds', 'sek sekunden sekunder secondes segundos secondi seconden sekuntia'),
  ...timeUnits('minutes', 'minuten minutter minuter minutos minuti minuuttia'),
  ...timeUnits('hours', 'std stunde stunden heure heures uur uren timer timmar tuntia tunnit hora horas ora ore'),
};

/** Currency signs that stand for one currency only; `$` and `¥` do not. */
const currencySigns: Readonly<Record<string, string>> = { '€': 'EUR', '£': 'GBP', '₹': 'INR', zł: 'PLN', '₺': 'TRY' };

const currencyCodes: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** The unit that a header ends with, in brackets or as its last word; undefined if it has none. */
export function parseHeaderUnit(header: string): HeaderUnit | undefined {
  // A header may be a unit and nothing else.
  if (Object.hasOwn(units, header.trim().toLowerCase())) return undefined;
  const bracketed = /^(.+?)\s*[([{]\s*([^()[\]{}]+?)\s*[)\]}]\s*$/u.exec(header.trim());
  if (bracketed) {
    const [, name = '', text = ''] = bracketed;
    return { base: normalizeHeader(name), ...unitOf(text), isBracketed: true };
  }
  const worded = lastWordUnit.exec(header.trim()) ?? camelCaseUnit.exec(header.trim());
  if (!worded) return undefined;
  const [, name = '', text = ''] = worded;
  return { base: normalizeHeader(name), ...unitOf(text), isBracketed: false };
}

const lastWordUnit = /^(.*[\p{L}\p{N}])[\s_./-]+([km]?wh?)$/iu;
const camelCaseUnit = /^(.*?\p{Ll})((?:[kKM]?W|[KM]w)h|[kKM]W|Kw)$/u;

function unitOf(text: string): Omit<HeaderUnit, 'base' | 'isBracketed'> {
  const known = Object.hasOwn(units, text.toLowerCase()) ? units[text.toLowerCase()] : undefined;
  if (known) return { unit: known[0], kind: known[1] };
  const currency = currencySigns[text.toLowerCase()] ?? text.toUpperCase();
  if (currencyCodes.has(currency)) return { unit: currency, kind: 'currency' };
  return { unit: text, kind: 'unknown' };
}

/** Kind of quantity that a column's unit measures. */
const kindOfColumn: Readonly<Record<string, HeaderUnit['kind']>> = {
  kWh: 'energy',
  Wh: 'energy',
  kW: 'power',
  W: 'power',
  percent: 'percent',
  currency: 'currency',
  minutes: 'time',
  seconds: 'time',
  hours: 'time',
};

/** Whether values in a header's unit can be converted to the unit of a column. */
export const isConvertible = ({ unit, kind }: HeaderUnit, columnUnit: string): boolean =>
  kind === kindOfColumn[columnUnit] && (kind !== 'time' || unit === columnUnit);

/** Unit to append to a number under such a header, so that it is converted; undefined if it needs no conversion. */
export const unitToAppend = (headerUnit: HeaderUnit, columnUnit: string): string | undefined =>
  isConvertible(headerUnit, columnUnit) &&
  (headerUnit.kind === 'energy' || headerUnit.kind === 'power') &&
  headerUnit.unit !== columnUnit
    ? headerUnit.unit
    : undefined;
