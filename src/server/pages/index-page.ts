import type { Report } from '../../catalog/definitions.ts';
import { pathParameters } from '../../catalog/routes.ts';
import { groupReports } from '../reports/groups.ts';
import { isPipe, pipePath } from '../reports/routes.ts';
import { escapeHtml } from '../../text/html.ts';
import { htmlHead, link } from './layout.ts';

/** Content of the index page. */
export interface IndexPageData {
  reports: readonly Report[];
  /** File name of the database. */
  database: string;
  version: string;
  needsToken: boolean;
}

const style = `
:root { --ink: #1c2430; --soft: #5b6675; --line: #e3e7ec; --paper: #fff; --ground: #f6f7f9; --link: #0b63b5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --line: #2b333f; --paper: #1a2029; --ground: #12171e; --link: #7cb8f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -.02em; }
h1 small { font-size: .95rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.05rem; }
h2 small { margin-left: .4rem; font-size: .875rem; font-weight: 400; color: var(--soft); }
p { margin: .4rem 0; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin-top: .8rem; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code { font: .875em ui-monospace, monospace; }
ul { margin: 0; padding: 0; list-style: none; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; }
li { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; padding: .55rem .9rem; }
li + li { border-top: 1px solid var(--line); }
li b { flex: 1 1 14rem; font-weight: 500; }
li code { flex: 1 1 14rem; color: var(--soft); overflow-wrap: anywhere; }
li span { flex: 0 1 auto; min-width: 9rem; text-align: right; font-size: .875rem; color: var(--soft); }
li a { margin-left: .6rem; }
.soft { color: var(--soft); }
@media (max-width: 40rem) { li span { text-align: left; } li a { margin: 0 .6rem 0 0; } }`;

/** The index page: all reports by group, with links to those without required parameters. */
export function indexPage({ reports, database, version, needsToken }: IndexPageData): string {
  const sections = groupReports(reports).map(
    ([{ title, description }, all]) =>
      `<section>\n<h2>${escapeHtml(title)} <small>${escapeHtml(description)}</small></h2>\n<ul>\n${all.map(reportItem).join('\n')}\n</ul>\n</section>`,
  );
  const pages = [
    ['/docs', 'Documentation'],
    ['/openapi.json', 'OpenAPI'],
    ['/healthz', 'Health'],
    ['/readyz', 'Readiness'],
    ['/metrics', 'Metrics'],
  ] as const;
  return `${htmlHead('wattduck', `<style>${style}</style>`)}
<body>
<main>
<header>
<h1>wattduck <small>${escapeHtml(version)}</small></h1>
<p>Analytics for charging networks and their customers: ${reports.length} reports over <code>${escapeHtml(database)}</code>.</p>
${needsToken ? '<p class="soft">A token is required: send it in a header, or add <code>?token=…</code> to the URL.</p>\n' : ''}<nav>${pages.map(([href, text]) => link(href, text)).join(' ')}</nav>
</header>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function reportItem(report: Report): string {
  const { name, title, http, parameters, scope } = report;
  const requiredNames = parameters.filter(({ required }) => required).map((parameter) => parameter.name);
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
  return `<li><b>${escapeHtml(title)}</b><code>${escapeHtml(apiPath ?? `/v0/pipes/${name}.json`)}</code><span>${scope === 'admin' ? 'admin ' : ''}${links}</span></li>`;
}
