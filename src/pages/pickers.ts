import type { PageDefinition, RawParameters, Report } from '../catalog/definitions.ts';
import { parsePeriod } from '../text/calendar-period.ts';
import { escapeHtml, escapeValue } from '../text/html.ts';
import { queryString } from './addresses.ts';
import type { PageData } from './data.ts';
import { anchor } from './layout.ts';
import { addDays, comparisons, type PageState } from './state.ts';

/** What the pickers of a page depend on. */
export interface PickerContext {
  page: PageDefinition;
  reports: readonly Report[];
  data: PageData;
  state: PageState;
  /** Address of the page, percent-encoded. */
  address: string;
}

const comparisonNames = { previous: 'Previous period', 'year-ago': '364 days earlier', off: 'Off' } as const;

/** The form with period, site, zone, currency and comparison, and links to common periods. */
export function pickersHtml(context: PickerContext): string {
  const { page, reports, data, state, address } = context;
  const tileReports = page.tiles.flatMap((tile) => reports.find(({ name }) => name === tile.report) ?? []);
  const has = (role: string): boolean =>
    tileReports.some(({ parameters }) => parameters.some((parameter) => parameter.role === role));
  const fields = [
    ...(has('period_start') ? [dateInput('From', 'from', state.from), dateInput('To', 'to', state.to)] : []),
    ...(page.subject === undefined && has('site') && data.sites.length > 1 ? [sitePicker(data, state)] : []),
    ...(has('compare')
      ? [
          select(
            'Compare with',
            'compare',
            comparisons.map((value) => [value, comparisonNames[value]]),
            state.given.compare ?? state.compare,
          ),
        ]
      : []),
    ...(has('currency') && data.currencies.length > 1 ? [currencyPicker(data, state)] : []),
    zonePicker(data, state),
  ];
  const hidden =
    state.given.as_of === undefined
      ? ''
      : `<input type="hidden" name="as_of" value="${escapeValue(state.given.as_of)}">`;
  return `<details class="pickers" open><summary>Period and filters</summary>
<form method="get" action="${escapeValue(address)}">${fields.join('')}${hidden}<button class="primary">Show</button></form>
${has('period_start') ? presets(context) : ''}</details>`;
}

/** A field for a date; a time is text, because browsers have no field for it with an offset. */
const dateInput = (label: string, name: string, value: string): string =>
  `<label>${label}<input name="${name}" value="${escapeValue(value)}"${/^\d{4}-\d\d-\d\d$/.test(value) ? ' type="date"' : ''} required></label>`;

const select = (
  label: string,
  name: string,
  options: readonly (readonly [value: string, text: string])[],
  selected: string,
): string =>
  `<label>${label}<select name="${name}">${options
    .map(
      ([value, text]) =>
        `<option value="${escapeValue(value)}"${value === selected ? ' selected' : ''}>${escapeHtml(text)}</option>`,
    )
    .join('')}</select></label>`;

/** The choices with the current one, if they do not contain it. */
const withCurrent = (
  options: readonly (readonly [string, string])[],
  current: string | undefined,
): readonly (readonly [string, string])[] =>
  current === undefined || options.some(([value]) => value === current) ? options : [...options, [current, current]];

const sitePicker = ({ sites }: PageData, { given }: PageState): string =>
  select(
    'Site',
    'site',
    withCurrent(
      [['', 'All sites'], ...sites.map(({ id, name }) => [id, name === id ? id : `${name} (${id})`] as const)],
      given.site,
    ),
    given.site ?? '',
  );

const currencyPicker = ({ currencies }: PageData, { given }: PageState): string =>
  select(
    'Currency',
    'currency',
    withCurrent([['', 'All, converted'], ...currencies.map((code) => [code, `Only ${code}`] as const)], given.currency),
    given.currency ?? '',
  );

const zonePicker = ({ zones }: PageData, { tz }: PageState): string =>
  `<label>Time zone<input name="tz" value="${escapeValue(tz)}" list="zones" size="16" required></label><datalist id="zones">${[
    ...new Set([...zones, 'UTC', tz]),
  ]
    .map((zone) => `<option value="${escapeValue(zone)}">`)
    .join('')}</datalist>`;

/** Links to common periods, with absolute dates. */
function presets({ state, address }: PickerContext): string {
  const { today, firstDay, lastDay, given } = state;
  const end = lastDay ?? today;
  const days = (count: number): { from: string; to: string } => ({ from: addDays(end, 1 - count), to: end });
  const named = (name: string): { from: string; to: string } => {
    const { from, to } = parsePeriod(name, end)!;
    // The part of the period that is over: comparisons are with an equal part.
    return { from, to: to > end ? end : to };
  };
  const periods: [string, { from: string; to: string }][] = [
    ['7 days', days(7)],
    ['30 days', days(30)],
    ['90 days', days(90)],
    ['This month', named('this-month')],
    ['Last month', named('last-month')],
    ['This year', named('this-year')],
    ['Last year', named('last-year')],
    ...(firstDay === undefined
      ? []
      : [['All data', { from: firstDay, to: end }] as [string, { from: string; to: string }]]),
  ];
  const links = periods.map(([text, period]) => {
    const { period: _, ...others } = given;
    const isCurrent = period.from === state.from && period.to === state.to;
    const params: RawParameters = { ...period, ...without(others, ['from', 'to']) };
    return anchor(`${address}${queryString(params)}`, text, isCurrent ? ' aria-current="true"' : '');
  });
  return `<nav class="presets" aria-label="Common periods">${links.join('')}</nav>
`;
}

const without = (params: RawParameters, names: readonly string[]): RawParameters =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
