import type { Report } from '../../catalog/definitions.ts';
import { pathParameters } from '../../catalog/routes.ts';
import { groupReports } from '../reports/groups.ts';
import { isPipe, pipePath } from '../reports/routes.ts';
import { escapeHtml } from '../../text/html.ts';
import { anchor, layoutPage, link, type PageFrame } from '../../pages/layout.ts';
import { reportPagePath } from '../../pages/report-page.ts';

/** Content of the index page. */
export interface IndexPageData extends PageFrame {
  reports: readonly Report[];
  needsToken: boolean;
}

const style = `<style>
.index section { margin-top: 1.75rem; }
.index h2 small { margin-left: .4rem; font-size: .875rem; font-weight: 400; color: var(--soft); }
.index ul { margin: .5rem 0 0; padding: 0; list-style: none; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.index li { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; padding: .55rem .9rem; }
.index li + li { border-top: 1px solid var(--line); }
.index li b { flex: 1 1 14rem; font-weight: 600; }
.index li .about { flex: 2 1 20rem; color: var(--soft); font-size: .9rem; }
.index li .files { min-width: 11rem; text-align: right; font-size: .875rem; color: var(--soft); }
.index .files a { margin-left: .6rem; }
@media (max-width: 40rem) { .index li .files { text-align: left; } .index .files a { margin: 0 .6rem 0 0; } }
</style>`;

/** The index page: all reports by group, with links to those without required parameters. */
export function indexPage({ reports, needsToken, ...frame }: IndexPageData): string {
  const sections = groupReports(reports).map(
    ([{ title, description }, all]) =>
      `<section>\n<h2>${escapeHtml(title)} <small>${escapeHtml(description)}</small></h2>\n<ul>\n${all.map(reportItem).join('\n')}\n</ul>\n</section>`,
  );
  const others = [
    ['/openapi.json', 'OpenAPI'],
    ['/healthz', 'Health'],
    ['/readyz', 'Readiness'],
    ['/metrics', 'Metrics'],
  ] as const;
  return layoutPage(
    { ...frame, title: 'Reports', head: `\n${style}`, className: 'index' },
    `<div class="head"><h1>Reports</h1><p class="soft">${reports.length} reports over <code>${escapeHtml(frame.database ?? '')}</code></p></div>
${needsToken ? '<p class="soft">Other programs need a token: they send it in a header, or add <code>?token=…</code> to the URL of a file.</p>\n' : ''}<p class="small">${others.map(([href, text]) => link(href, text)).join(' · ')}</p>
${sections.join('\n')}`,
  );
}

function reportItem(report: Report): string {
  const { title, summary, http, parameters, scope } = report;
  const requiredNames = parameters
    .filter((parameter) => parameter.required && parameter.default === undefined)
    .map((parameter) => parameter.name);
  const apiPath = http.find((path) => !isPipe(path));
  const links =
    requiredNames.length > 0
      ? `requires ${escapeHtml(requiredNames.join(', '))}`
      : [
          ...(apiPath !== undefined && pathParameters(apiPath).length === 0 ? [link(apiPath, 'API')] : []),
          link(pipePath(report, 'json'), '.json'),
          link(pipePath(report, 'csv'), '.csv'),
          ...(report.charts.length > 0 ? [link(pipePath(report, 'svg'), '.svg')] : []),
        ].join(' ');
  const about = summary ?? (report.description.split(/(?<=\.)\s/)[0] ?? '').replaceAll('`', '');
  return `<li><b>${anchor(reportPagePath(report), title)}</b><span class="about">${escapeHtml(about)}</span><span class="files">${scope === 'admin' ? 'admin ' : ''}${links}</span></li>`;
}
