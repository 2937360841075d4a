import { periodForms } from '../text/calendar-period.ts';
/** Terms shared by reports, sources and rules, each with its definition in Markdown. */
const terms: readonly (readonly [term: string, definition: string])[] = [
  [
    'Completed, failed and active sessions',
    `A **completed** session has an end that is not before its start, delivered energy above 0, and is not marked \`failed\` or \`invalid\`.
A **failed** session has ended but is not completed. An **active** session has no end yet.

Session counts, energy and averages of the network reports cover completed sessions. Revenue is the sum of the amounts of all
sessions, including failed and active ones.`,
  ],
  [
    'Period',
    `\`from\` and \`to\` (\`start_date\` and \`end_date\`) limit the period. Both are included; a bare date covers its whole day.
\`by\` defines which sessions belong to the period:

| \`by\` | a session belongs to the period | what counts |
| --- | --- | --- |
| \`start\` (default) | if it starts in the period | all of it |
| \`end\` | if it ends in the period; active sessions never do | all of it |
| \`spread\` | if it ran in the period | the session itself counts as one; energy, money and time count with the share of its duration that is in the period. An active session counts at its start |

With \`by=spread\`, energy, money and time are spread evenly over the seconds the session ran. In reports by day, week or month, the
session is counted in each of them.`,
  ],
  [
    'Time zone and day',
    `Times are stored and returned in UTC. A report with the parameter \`tz\` reads dates in that IANA time zone and groups by its local
hours, days, weeks and months. Days with a clock change have 23 or 25 hours. Weeks begin on Monday.

Without \`tz\`, the zone is that of the settings (\`--tz\`, \`WATTDUCK_TZ\`), otherwise the one that all selected sites share,
otherwise UTC. A selected site or charge point counts alone. Documents of lists and objects have the zone as \`tz\`.

A bound without an offset is local. If its hour occurs twice, \`from\` is the first pass and \`to\` the second, so both are covered; an
offset names one of them. A time that clocks skip counts as if they had not gone forward yet: 02:30 becomes 03:30.`,
  ],
  [
    'Named period',
    `\`period\` stands for both bounds, in the time zone: ${periodForms}. \`last-7-days\` are the seven whole days before today; \`this-month\`
runs to the end of the month. Today is the local day of \`as_of\` if the report has it, otherwise that of the clock. A year, quarter, month
or week is also a bound: \`from=2025-02\` is its first moment, \`to=2025-02\` its last.`,
  ],
  [
    'Comparison',
    `\`compare=previous\` compares a period with the one before it: calendar months, quarters and years with those before, any other period
with one of equal length. \`compare=year-ago\` goes back 364 days, so that weekdays match. If the period is not over, the earlier one
ends at the same distance from its start.

Every number except keys gets two columns: \`…_before\`, and \`…_change\` = (value - before) / |before|, a share that is empty if before is
0 or empty. This holds for shares and percentages, too. Groups of only one period are listed: sums are 0 where they have no rows, other
values empty. Days, weeks and months are matched by their position from the start of the period; those of a longer earlier
period have an empty date, and their own in \`…_before\`. Notes on amounts cover both periods.`,
  ],
  [
    'Total',
    `\`total=true\` adds up all rows, not just the page. Averages, shares and distinct counts have no total. Documents have it as the object
\`total\`; tables, Markdown and CSV as the last row.`,
  ],
  [
    'Point in time (as_of)',
    `Reports about a state, such as status, issues, health and forecasts, are computed for the time \`as_of\` (default: now). Later data
is ignored, so any past state can be queried again.`,
  ],
  [
    'Currency',
    `An answer with amounts is in one currency, the **base currency**: \`base_currency\`, else the setting \`currency\`, else the currency
of most sessions in the database; on a tie, the first by code.

Amounts in another currency are converted with the [exchange rates](sources.md#exchange_rates). The rate is that of the day the
session starts (UTC), or the last one of the 7 days before. A rate between the two currencies comes first, in either direction, and
else the cross rate over a common base. Each converted amount is rounded to 6 decimals before it is added.

An amount without a rate is left out of money, never of counts or energy, and of the averages of money. An amount without a
currency counts as one in the base currency. Notes count both.

\`currency\` selects the sessions paid in that currency. Their amounts are not converted.

Amounts are exact decimals. The money of a group or period is null if none of its sessions has an amount, and 0 if it has no
sessions.`,
  ],
  [
    'Site (project) of a session',
    `The site is that of the session if it has one, otherwise that of its charge point. Some reports call it project, like the API.`,
  ],
  [
    'Missing values',
    `A row counts whatever it lacks. Rows without the value that a report groups by are one group with an empty key; empty devices and
countries are \`unknown\`. A filter, such as \`user_id\` or \`currency\`, selects rows with that value and so leaves out rows without one.`,
  ],
  ['Names', 'Reports show the name of a charge point, site or tariff if one was imported, and its ID otherwise.'],
  [
    'In service',
    `A charge point is in service from \`opened_at\` (default: always) to \`closed_at\` (default: never). One without a row of its own is
in service once it is heard from. Uptime counts from the first event on, as nothing is known about the time before.`,
  ],
  [
    'Online and offline',
    `A charge point is **offline** from a disconnect event, or, if it sends heartbeats, from the moment two heartbeat intervals have
passed without an event. It is **online** again with any event other than a disconnect. The view
[offline_periods](#offline_periods) implements this rule.`,
  ],
  [
    'Port and connector',
    `A port can charge one vehicle at a time. Connectors with the same \`evse_id\` are one port; a connector without one is a port of its
own.`,
  ],
  [
    'Uptime',
    `The share of the time in service in which a charge point or port could be used. It is down while it is offline, faulted or
unavailable as a whole, or while all its connectors are faulted or unavailable; overlapping causes count once.

| definition | formula | default period | required |
| --- | --- | --- | --- |
| \`period\` | 1 - downtime / period, no exclusions | 30 days | |
| \`nevi\` | US 23 CFR 680.116(b), per port: (T_total - (T_outage - T_excluded)) / T_total | twelve months | above 97 % |
| \`uk2023\` | UK Public Charge Point Regulations 2023, charge points of 50 kW and more: (M - mean downtime - mean exempt) / (M - mean exempt) | calendar year | 99 % |

The details are listed under [uptime-report](reports.md#uptime-report). [health-score](reports.md#health-score) uses the NEVI formula
over the days before \`as_of\`.`,
  ],
  [
    'Utilisation',
    `In \`utilisation-by-hour\`: plugged-in time divided by the available time, which is the period multiplied by the number of
connectors. In \`station-analytics\`: the share of the period in which at least one session occupied the station.`,
  ],
  [
    'Forecast',
    `A horizon is a number of days, beginning with the local day of \`as_of\`. A forecast has one or more series: the network, or each charge
point or site. The interval holds the actual value with the requested \`confidence\` (default 80 %). With \`holidays\`, public holidays of a
country or region are forecast apart from other days.`,
  ],
  [
    'Visit, order and refund',
    `Customer events with the same \`session_id\` are one **visit**. Purchases in one visit are one **order**; a purchase without a visit
is an order of its own. A **refund** is a customer event of its own that reduces revenue. Events without a customer are guest events.`,
  ],
  [
    'Rejected rows (quarantine)',
    `A row that is not valid is rejected: it is not imported, but kept in the quarantine with its file, line, value and reason. A row with
an implausible value is imported with a warning.`,
  ],
  [
    'Key and version',
    `Rows with the same key are the same record. The row with the later version wins; with equal versions, the last imported one. Columns
that the newer file does not have keep their values. A mapping with \`duplicates: keep\` numbers rows with the same key within one file
and keeps them all; one with \`separate_by\` gives a row the number it had in earlier files.`,
  ],
];

/** The section on terms at the top of docs/definitions.md, as lines. */
export const glossary = (): string[] => [
  '# Terms',
  '',
  'Terms that several reports use are defined here once.',
  '',
  ...terms.flatMap(([term, definition]) => [`## ${term}`, '', definition, '']),
];

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(/\s/g, '-');

/** Words in descriptions that link to a term, by the heading of the term. */
const mentions: readonly (readonly [heading: string, words: RegExp])[] = [
  ['Completed, failed and active sessions', /\b(completed|failed|active) sessions?\b/i],
  ['Online and offline', /\b(online|offline)\b/i],
  ['In service', /\bin service\b/i],
  ['Uptime', /\buptime\b/i],
  ['Utilisation', /\butilisation\b/i],
  ['Forecast', /\b(forecast|horizon)s?\b/i],
  ['Visit, order and refund', /\b(visit|order|refund)s?\b/i],
];

/** Links to the terms that occur in the texts of a report or belong to its parameters. */
export const termLinks = (texts: readonly string[], parameters: readonly string[]): string[] =>
  termHeadings(texts, parameters).map((heading) => `[${heading.toLowerCase()}](definitions.md#${anchorOf(heading)})`);

/** A term with its definition in Markdown. */
export interface TermDefinition {
  term: string;
  definition: string;
}

/** The terms that occur in the texts of a report or belong to its parameters, with their definitions. */
export const termDefinitions = (texts: readonly string[], parameters: readonly string[]): TermDefinition[] => {
  const headings = termHeadings(texts, parameters);
  return terms.filter(([term]) => headings.includes(term)).map(([term, definition]) => ({ term, definition }));
};

function termHeadings(texts: readonly string[], parameters: readonly string[]): string[] {
  const text = texts.join('\n');
  return [
    ...mentions.filter(([, words]) => words.test(text)).map(([heading]) => heading),
    ...(parameters.some((name) => ['from', 'start_date', 'by'].includes(name)) ? ['Period'] : []),
    ...(parameters.includes('as_of') ? ['Point in time (as_of)'] : []),
    ...(parameters.includes('currency') ? ['Currency'] : []),
    ...(parameters.includes('project_id') ? ['Site (project) of a session'] : []),
  ];
}
