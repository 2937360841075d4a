import { outputColumns, type Parameter, type RawParameters, type Report } from '../catalog/definitions.ts';
import { findRole, namesOf, periodInsteadOf, shownName } from '../catalog/period-parameters.ts';
import type { WattduckError } from '../errors/wattduck-error.ts';
import { htmlTable } from '../render/html-table.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { escapeHtml } from '../text/html.ts';
import { toKebabCase } from '../text/names.ts';
import { plainText } from '../text/plain-text.ts';
import { queryString } from './addresses.ts';
import { termDefinitions } from './glossary.ts';
import { anchor } from './layout.ts';
import { inlineHtml, markdownHtml } from './markdown.ts';
import { localMinute } from './page.ts';
import { chartId, type Choices, type PageChart, type PageRows, type ReportPageData } from './read-report-page.ts';
import { curlCommandLine, reportCommandLine, type CommandSettings } from './report-commands.ts';
import { isSettable, parametersOf, reportForm, valueOf } from './report-form.ts';

/** The server that a page belongs to; a file has none, so it has no form and no links to it. */
export interface ReportPageServer {
  /** Origin of the server, such as `http://localhost:8787`. */
  origin: string;
  needsToken: boolean;
  /** Version of the data, for the script to see changes. */
  dataVersion: string;
  choices: Choices;
}

/** How the page of a report is shown. */
export interface ReportPageOptions {
  server?: ReportPageServer;
  settings: CommandSettings;
  /** File name of the database. */
  database: string;
  /** Title of the report's group. */
  group: string;
}

/** Address of a report's page. */
export const reportPagePath = ({ name }: Pick<Report, 'name'>): string =>
  `/reports/${encodeURIComponent(plainText(name))}`;

/** Styles of the page of a report. */
export const reportPageStyle = `
.pickers .fields { display: flex; flex-wrap: wrap; align-items: start; gap: .7rem .8rem; margin-top: .6rem; }
.pickers .field { min-width: 8rem; max-width: 18rem; }
.pickers .field input, .pickers .field select { width: 100%; }
.pickers .field input[type=date] { min-width: 9.5rem; }
.pickers .more { flex-basis: 100%; }
.pickers [aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
.problem { margin-top: .2rem; color: var(--bad); font-size: .85rem; }
.report section, .report .tiles, .report .note { margin-top: 1rem; }
.rows { max-height: 36rem; overflow: auto; }
.rows thead th { position: sticky; top: 0; background: var(--paper); box-shadow: inset 0 -2px var(--soft); }
@media print { .rows { max-height: none; } }
.report h2 { margin-bottom: .35rem; }
.commands pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.definitions dl { margin: 0; }
.definitions dt { margin-top: .8rem; font-weight: 600; }
.definitions dd { margin: .1rem 0 0; }
.definitions dd p + p { margin-top: .5rem; }
.definitions ul { margin: .4rem 0; padding-left: 1.2rem; }
.definitions h3 { margin: 1.1rem 0 .3rem; }
.definitions td { overflow-wrap: break-word; min-width: 4rem; }
.files { margin-top: .6rem; }
.summary-list { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin: .4rem 0 0; padding: 0; list-style: none; color: var(--soft); font-size: .875rem; }
`;

/** The content of the page of a report. */
export function reportPageHtml(data: ReportPageData, { server, settings, group, database }: ReportPageOptions): string {
  const { report, given, params, result, error, isBlank } = data;
  const path = reportPagePath(report);
  const fieldErrors = parametersOf(error, report.parameters);
  const content = [
    printLine(data, database),
    `<p class="crumbs">${server ? `${anchor('/reports', 'Reports')} / ` : ''}${escapeHtml(group)}</p>
<div class="head"><h1>${escapeHtml(report.title)}</h1></div>
<p class="state">${inlineHtml(report.description)}</p>`,
    ...(server
      ? [reportForm(report, given, server.choices, path, isBlank ? undefined : error)]
      : [parameterList(report, given)]),
    ...(error ? [messageHtml(error, isBlank, server !== undefined && fieldErrors.length > 0)] : []),
    ...(result
      ? [selectionHtml(result.rows), dataEndHtml(data, server), notesHtml(result.rows), chartsHtml(data, server)]
      : []),
    ...(result ? [rowsHtml(result.rows, data, server)] : []),
    ...(error ? [] : [commandsHtml(report, params, server, settings)]),
    definitionsHtml(report),
    ...(server ? [relatedHtml(report)] : []),
  ]
    .filter((part) => part !== '')
    .join('\n');
  if (!server) return content;
  const link = escapeHtml(`${path}${queryString(pinnedParams(data))}`);
  return `<div id="page" data-version="${server.dataVersion}" data-link="${link}">
${content}
<p class="hidden" role="status" aria-live="polite" id="live"></p>
</div>`;
}

/** The line at the top of a printed page: report, period, point in time and database. */
function printLine({ report, params, result }: ReportPageData, database: string): string {
  const now = findRole(report, 'now')?.name;
  const asOf = now === undefined ? undefined : params[now];
  const parts = [
    'wattduck',
    report.title,
    ...(result?.rows.context ?? []),
    ...(result?.rows.zone === undefined ? [] : [`times in ${result.rows.zone}`]),
    ...(asOf === undefined ? [] : [`as of ${asOf}`]),
    `database ${database}`,
  ];
  return `<p class="print-head">${parts.map(escapeHtml).join(' · ')}</p>`;
}

/** The parameters with the days of a named period and the point in time, for a link that shows the same later. */
function pinnedParams({ report, params, result }: ReportPageData): RawParameters {
  const period = findRole(report, 'period')?.name;
  if (period === undefined || params[period] === undefined || !result) return params;
  const bounds = (['period_start', 'period_end'] as const).flatMap((role) => findRole(report, role) ?? []);
  return {
    ...params,
    [period]: undefined,
    ...Object.fromEntries(bounds.map((bound) => [shownName(bound), result.rows.rawValues[bound.name]])),
  };
}

/** The parameters that were set, on a page without a form. */
function parameterList(report: Report, params: RawParameters): string {
  const set = report.parameters.filter(
    (parameter) => isSettable(parameter) && valueOf(parameter, params) !== undefined,
  );
  if (set.length === 0) return '';
  return `<ul class="summary-list">${set
    .map(
      (parameter) =>
        `<li>${escapeHtml(shownName(parameter).replaceAll('_', ' '))}: <strong>${escapeHtml(valueOf(parameter, params)!)}</strong></li>`,
    )
    .join('')}</ul>`;
}

/** An error, or what to fill in first. @param isAtField whether the form has it, too */
function messageHtml(error: WattduckError, isBlank: boolean, isAtField: boolean): string {
  if (isBlank)
    return `<div class="message" role="status"><p>${escapeHtml(sentence(error.message))}</p>${
      error.hint === undefined ? '' : `\n<p class="soft">${escapeHtml(error.hint)}</p>`
    }</div>`;
  const hint = error.hint === undefined || isAtField ? '' : `\n<p class="soft">${escapeHtml(error.hint)}</p>`;
  return `<div class="message error" role="alert"><p>${escapeHtml(sentence(error.message))}</p>${hint}</div>`;
}

/** A sentence with a capital, unless it begins with the name of a parameter. */
const sentence = (text: string): string => (/^\w*_/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));

/** Period, site and zone of the rows. */
function selectionHtml({ context, zone }: PageRows): string {
  const facts = [...context, ...(zone === undefined ? [] : [`times in ${zone}`])];
  return facts.length === 0
    ? ''
    : `<p class="state">${facts.map((fact) => `<span>${escapeHtml(fact)}</span>`).join('')}</p>`;
}

/** Notes without the days of a named period, which the selection has. */
function notesHtml({ notes }: PageRows): string {
  const shown = notes.filter((note) => !note.startsWith('Period: '));
  return shown.length === 0
    ? ''
    : `<ul class="note">${shown.map((note) => `<li>${escapeHtml(sentence(note))}</li>`).join('')}</ul>`;
}

/** Says where the data ends, if the page is as of then. */
function dataEndHtml({ report, given, dataEnd, result }: ReportPageData, server?: ReportPageServer): string {
  if (dataEnd === undefined) return '';
  const zone = result?.rows.zone ?? 'UTC';
  const time = localMinute(dataEnd, zone);
  const parameter = findRole(report, 'now')!;
  const link = server
    ? ` ${anchor(`${reportPagePath(report)}${queryString({ ...given, [parameter.name]: 'now' })}`, 'Show now')}`
    : '';
  return `<p class="state">Data ends ${escapeHtml(time)} (${escapeHtml(zone)}); shown as of then.${link}</p>`;
}

/** The charts: figures first, next to each other. */
function chartsHtml(data: ReportPageData, server?: ReportPageServer): string {
  const charts = data.result?.charts ?? [];
  const [figures, others] = [true, false].map((isFigure) =>
    charts.flatMap((chart, at) =>
      (chart.kind === 'number') === isFigure ? [chartHtml(chart, chartId(at), data, server)] : [],
    ),
  );
  if (charts.length === 0) return '';
  return `<div class="tiles figures-3">\n${[...figures!, ...others!].join('\n')}\n</div>`;
}

/** A chart with its sentence, or the reason why there is none. */
function chartHtml(
  chart: PageChart,
  id: string,
  { report, params, result }: ReportPageData,
  server?: ReportPageServer,
): string {
  if ('problem' in chart)
    return `<section class="tile wide"><h2>${escapeHtml(sentence((chart.name ?? 'chart').replaceAll('_', ' ')))}</h2>
<p class="note warning">Not drawn: ${escapeHtml(chart.problem.fullMessage)}</p></section>`;
  const chartReport = result?.chartReport ?? report;
  const known = new Set(chartReport.parameters.flatMap(namesOf));
  const chartParams = Object.fromEntries(Object.entries(params).filter(([name]) => known.has(name)));
  const query = { ...chartParams, ...(chart.name === undefined ? {} : { chart: chart.name }) };
  // The title of the report is that of the page.
  const [what = '', ...facts] = chart.subtitle.split(' · ');
  return `<figure class="tile ${chart.kind === 'number' ? 'figure' : 'wide'}" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${escapeHtml(what === '' ? chart.title : what)}</h2>
${facts.length === 0 ? '' : `<p class="what">${escapeHtml(facts.join(' · '))}</p>\n`}<p class="hidden" id="${id}-text">${escapeHtml(chart.summary)}</p>
<div class="content">
${chart.html}
</div>
${server ? `<footer><a class="svg" href="${escapeHtml(pipeUrl(chartReport, 'svg', query))}">SVG</a></footer>\n` : ''}</figure>`;
}

/** The table of the first rows, with links to files of all. */
function rowsHtml(rows: PageRows, { report, params }: ReportPageData, server?: ReportPageServer): string {
  const { columns, rows: shown, totalRow, total, zone, currency } = rows;
  const count =
    total > shown.length
      ? `First ${formatCount(shown.length)} of ${pluralize(total, 'row')}`
      : pluralize(shown.length, 'row');
  const table =
    shown.length === 0
      ? '<p class="soft">No rows.</p>'
      : `<div class="scroll rows" tabindex="0" role="region" aria-label="Table of rows">
${htmlTable(columns, shown, totalRow, { zone, currency })}
</div>`;
  return `<section class="card">
<h2 id="rows">Rows</h2>
<p class="small soft">${escapeHtml(count)}</p>
${table}
${server ? `<p class="small files">${fileLinks(report, params, total, shown.length)}</p>\n` : ''}</section>`;
}

/** Links to the same rows as files, and to all rows if the limit of the report left some out. */
function fileLinks(report: Report, params: RawParameters, total: number, shown: number): string {
  const links = [anchor(pipeUrl(report, 'csv', params), 'CSV'), anchor(pipeUrl(report, 'json', params), 'JSON')];
  const { page } = report;
  const limit = page.kind === 'limit' ? 'limit' : page.kind === 'take_skip' ? 'take' : undefined;
  if (limit !== undefined && page.kind !== 'none' && params[limit] === undefined && total > shown) {
    const max = Math.min(total, page.max);
    links.push(
      anchor(
        pipeUrl(report, 'csv', { ...params, [limit]: String(max) }),
        `CSV of ${max === total ? 'all' : 'the first'} ${formatCount(max)} rows`,
      ),
    );
  }
  return links.join(' · ');
}

/** Path and query of a report's file. */
export function pipeUrl({ name }: Pick<Report, 'name'>, format: string, params: RawParameters): string {
  return `/v0/pipes/${encodeURIComponent(plainText(name))}.${format}${queryString(params)}`;
}

function commandsHtml(
  report: Report,
  params: RawParameters,
  server: ReportPageServer | undefined,
  settings: CommandSettings,
): string {
  const commands = [
    ['Terminal', reportCommandLine(report, params, settings)],
    ...(server
      ? [['HTTP', curlCommandLine(`${server.origin}${pipeUrl(report, 'json', params)}`, server.needsToken)]]
      : []),
  ];
  return `<section class="card commands">
<h2>The same in a terminal</h2>
${commands.map(([label, command]) => `<p class="small soft">${label}</p>\n<pre><code>${escapeHtml(command!)}</code></pre>`).join('\n')}
</section>`;
}

/** Details, terms, columns and parameters of a report. */
function definitionsHtml(report: Report): string {
  const columns = outputColumns(report);
  const terms = termDefinitions(
    [report.description, ...report.details, ...columns.map(({ description }) => description)],
    report.parameters.map(({ name }) => name),
  );
  const details =
    report.details.length === 0
      ? ''
      : `<ul>${report.details.map((each) => `<li>${inlineHtml(each)}</li>`).join('')}</ul>\n`;
  const columnRows = columns.map(
    ({ name, unit, description }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(unit ?? '')}</td><td>${inlineHtml(description)}</td></tr>`,
  );
  return `<section class="card definitions">
<h2>Definitions</h2>
${details}${
    terms.length === 0
      ? ''
      : `<dl>${terms.map(({ term, definition }) => `<dt>${escapeHtml(term)}</dt><dd>${markdownHtml(definition)}</dd>`).join('\n')}</dl>\n`
  }<h3>Columns</h3>
${docsTable(['Column', 'Unit', 'Meaning'], columnRows, 'Table of columns')}
${parametersHtml(report)}</section>`;
}

function parametersHtml(report: Report): string {
  const rows = report.parameters
    .filter(isSettable)
    .map(
      (parameter) =>
        `<tr><td><code>${escapeHtml(shownName(parameter))}</code></td><td>${escapeHtml(acceptedText(parameter))}</td><td>${escapeHtml(defaultText(parameter, report.parameters))}</td><td>${inlineHtml(parameter.description)}</td></tr>`,
    );
  if (rows.length === 0) return '';
  return `<h3>Parameters</h3>\n${docsTable(['Parameter', 'Accepted', 'Default', 'Meaning'], rows, 'Table of parameters')}\n`;
}

const docsTable = (head: readonly string[], rows: readonly string[], label: string): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${head.map((text) => `<th scope="col">${text}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;

const typeNames: Record<string, string> = {
  TIMESTAMP: 'date or time',
  DATE: 'date',
  BIGINT: 'integer',
  INTEGER: 'integer',
  DOUBLE: 'number',
  BOOLEAN: 'true or false',
  VARCHAR: 'text',
};

/** Values that a parameter accepts. */
function acceptedText({ type, choices, min, max, maxLength }: Parameter): string {
  if (choices) return choices.filter((choice) => !choice.startsWith('-')).join(', ');
  const name = typeNames[type] ?? 'number';
  const range =
    min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? `, ${min} or more`
        : max !== undefined
          ? `, ${max} or less`
          : '';
  return `${name}${range}${maxLength === undefined ? '' : `, ${maxLength} characters at most`}`;
}

function defaultText(parameter: Parameter, parameters: readonly Parameter[]): string {
  if (parameter.default !== undefined) return parameter.default;
  if (!parameter.required) return '';
  const period = periodInsteadOf(parameter, parameters);
  return period ? `required without ${period.name}` : 'required';
}

/** Links to the reports that explain this one. */
function relatedHtml({ explain, forecast }: Report): string {
  const links = [
    ...(explain === undefined ? [] : [[explain, 'What it consists of']]),
    ...(forecast?.daily === undefined ? [] : [[forecast.daily, 'Each day of the forecast']]),
  ];
  if (links.length === 0) return '';
  return `<p class="small">${links
    .map(([name, text]) => `${escapeHtml(text!)}: ${anchor(reportPagePath({ name: name! }), toKebabCase(name!))}`)
    .join(' · ')}</p>`;
}
