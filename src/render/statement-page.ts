import { escapeHtml } from '../text/html.ts';
import { currencyDecimals, formatMoney, percentOf, roundMoney, toMicros, type Micros } from '../text/money.ts';
import { pluralize } from '../text/format-number.ts';
import { chartColours, fontStack, lightColours } from './colours.ts';
import { zonedTimes } from './zoned-times.ts';
import { standaloneHead } from './standalone-page.ts';

/** A session of a statement. */
export interface StatementLine {
  sessionId: string;
  /** Start as `2025-11-01 08:00:00`, UTC. */
  start: string;
  station: string;
  location: string | null;
  state: 'completed' | 'failed' | 'active';
  energyKwh: number | null;
  minutes: number | null;
  pricePerKwh: number | null;
  amount: number | null;
}

/** The sessions of one user or RFID token in a month, in one currency. */
export interface Statement {
  holder: { kind: 'User' | 'RFID token'; id: string; name: string | null };
  currency: string | undefined;
  lines: readonly StatementLine[];
}

/** What all statements of a run share. */
export interface StatementTexts {
  /** First and last day of the period. */
  from: string;
  to: string;
  /** Time zone of the period and of times. */
  zone: string;
  /** VAT rate to add. */
  vatPercent: number | undefined;
  /** Notes for people. */
  notes: readonly string[];
}

/** Sums of a statement. Amounts are rounded to the smallest unit of the currency. */
export interface StatementTotals {
  sessions: number;
  energyKwh: number;
  minutes: number;
  net: Micros;
  vat: Micros | undefined;
  gross: Micros;
  /** Decimals of amounts. */
  decimals: number;
}

/** Adds up a statement: energy and minutes of completed sessions, and all amounts. VAT is computed once, on the net total. */
export function statementTotals({ lines, currency }: Statement, vatPercent: number | undefined): StatementTotals {
  const decimals = currencyDecimals(currency);
  const completed = lines.filter(({ state }) => state === 'completed');
  const sum = (values: readonly (number | null)[]): Micros =>
    values.reduce<Micros>((total, value) => total + toMicros(value ?? 0), 0n);
  const net = roundMoney(sum(lines.map(({ amount }) => amount)), decimals);
  const vat = vatPercent === undefined ? undefined : percentOf(net, vatPercent, decimals);
  return {
    sessions: completed.length,
    energyKwh: Number(sum(completed.map(({ energyKwh }) => energyKwh))) / 1e6,
    minutes: completed.reduce((total, { minutes }) => total + (minutes ?? 0), 0),
    net,
    vat,
    gross: net + (vat ?? 0n),
    decimals,
  };
}

/** Notes on single sessions, such as `no end yet`. */
function lineNotes({ state, amount }: StatementLine): string[] {
  return [
    ...(state === 'active' ? ['no end yet'] : state === 'failed' ? ['failed'] : []),
    ...(amount === null ? ['no amount'] : amount < 0 ? ['credit'] : []),
  ];
}

/** Notes below the totals: which sessions the totals leave out, and how amounts are rounded. */
export function statementNotes({ lines, currency }: Statement, texts: StatementTexts): string[] {
  const count = (isCounted: (line: StatementLine) => boolean): number => lines.filter(isCounted).length;
  const note = (sessions: number, text: (isOne: boolean) => string): string[] =>
    sessions === 0 ? [] : [`${pluralize(sessions, 'session')} ${text(sessions === 1)}`];
  return [
    ...note(
      count(({ state }) => state === 'active'),
      (isOne) => `${isOne ? 'has' : 'have'} no end yet: energy and minutes are not in the totals.`,
    ),
    ...note(
      count(({ state }) => state === 'failed'),
      (isOne) => `${isOne ? 'is' : 'are'} not completed: energy and minutes are not in the totals.`,
    ),
    ...note(
      count(({ amount }) => amount === null),
      (isOne) => `${isOne ? 'has' : 'have'} no recorded amount, and add${isOne ? 's' : ''} nothing to the total.`,
    ),
    `Net amounts are ${currency === undefined ? 'as recorded, without a currency' : `in ${currency}, as recorded`}. ` +
      `The total is the sum of the exact amounts, rounded once, halves away from zero.` +
      (texts.vatPercent === undefined ? ' VAT is not added.' : ' VAT is computed on the net total.'),
    `Times are in ${texts.zone}. The price per kWh is the amount divided by the energy.`,
    ...texts.notes,
  ];
}

const style = `${chartColours(':root')}
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 60rem; background: var(--paper); color: var(--ink); font: 15px/1.5 ${fontStack}; }
section + section { margin-top: 4rem; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: 1rem 0 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; vertical-align: bottom; }
.n { text-align: right; white-space: nowrap; }
.t { white-space: nowrap; }
thead th { border-bottom: 2px solid var(--soft); }
tfoot td { border-bottom: 0; padding-top: .25rem; padding-bottom: .25rem; }
tfoot tr:first-child td { border-top: 2px solid var(--soft); }
tfoot tr:last-child td { font-weight: 600; }
.soft { color: var(--soft); }
ul { margin: 1.5rem 0 0; padding-left: 1.2rem; color: var(--soft); font-size: .85rem; }
@media print {
  ${lightColours(':root')}
  @page { margin: 16mm; }
  :root { color-scheme: light; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  section + section { margin-top: 0; break-before: page; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr { break-inside: avoid; }
}`;

/** One page with statements, each on paper of its own, which loads nothing. */
export function statementPage(statements: readonly Statement[], texts: StatementTexts): string {
  const title = `Statement ${texts.from} to ${texts.to}`;
  return `${standaloneHead(statements.length === 1 ? `${title}, ${statements[0]!.holder.id}` : title, style)}
</head>
<body>
${statements.map((statement) => section(statement, texts)).join('')}</body>
</html>
`;
}

function section(statement: Statement, texts: StatementTexts): string {
  const { holder, currency, lines } = statement;
  const totals = statementTotals(statement, texts.vatPercent);
  const localTime = zonedTimes(texts.zone);
  const unit = currency === undefined ? '' : ` (${currency})`;
  const money = (amount: Micros): string => formatMoney(amount, totals.decimals);
  const energy = (kWh: number | null): string => (kWh === null ? '–' : formatMoney(toMicros(kWh), 3));
  const minutes = (value: number | null): string => (value === null ? '–' : formatMoney(toMicros(value), 0));
  const hasNotes = lines.some((line) => lineNotes(line).length > 0);
  const cells = (line: StatementLine): string =>
    [
      `<td class="t">${escapeHtml(localTime(line.start).slice(0, 16))}</td>`,
      `<td>${escapeHtml(line.station)}${line.location === null ? '' : ` <span class="soft">${escapeHtml(line.location)}</span>`}</td>`,
      `<td class="n">${energy(line.energyKwh)}</td>`,
      `<td class="n">${minutes(line.minutes)}</td>`,
      `<td class="n">${line.pricePerKwh === null ? '–' : formatMoney(toMicros(line.pricePerKwh), 4)}</td>`,
      `<td class="n">${line.amount === null ? '–' : money(toMicros(line.amount))}</td>`,
      ...(hasNotes ? [`<td>${lineNotes(line).join(', ')}</td>`] : []),
    ].join('');
  const end = hasNotes ? '<td></td>' : '';
  const sumRow = (label: string, amount: Micros): string =>
    `<tr><td colspan="5">${escapeHtml(label)}</td><td class="n">${money(amount)}</td>${end}</tr>\n`;
  const netLabel = texts.vatPercent === undefined ? 'Total' : 'Net total';
  const facts: [string, string][] = [
    ...(holder.name === null ? [] : [['Name', holder.name] as [string, string]]),
    [holder.kind, holder.id],
    ['Period', `${texts.from} to ${texts.to} (${texts.zone})`],
    ['Currency', currency ?? 'not recorded'],
  ];
  return `<section>
<h1>Charging statement</h1>
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>
<table>
<thead><tr><th scope="col">Start</th><th scope="col">Station</th><th scope="col" class="n">Energy (kWh)</th><th scope="col" class="n">Minutes</th><th scope="col" class="n">Price per kWh${escapeHtml(unit)}</th><th scope="col" class="n">Net${escapeHtml(unit)}</th>${hasNotes ? '<th scope="col">Note</th>' : ''}</tr></thead>
<tbody>
${lines.map((line) => `<tr>${cells(line)}</tr>\n`).join('')}</tbody>
<tfoot>
<tr><td colspan="2">${pluralize(totals.sessions, 'completed session')}</td><td class="n">${energy(totals.energyKwh)}</td><td class="n">${minutes(totals.minutes)}</td><td></td><td></td>${end}</tr>
${sumRow(netLabel, totals.net)}${
    totals.vat === undefined ? '' : sumRow(`VAT ${texts.vatPercent} %`, totals.vat) + sumRow('Total', totals.gross)
  }</tfoot>
</table>
<ul>
${statementNotes(statement, texts)
  .map((each) => `<li>${escapeHtml(each)}</li>`)
  .join('\n')}
</ul>
</section>
`;
}
