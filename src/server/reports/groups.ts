import type { Report } from '../../catalog/definitions.ts';

/** A group of reports, as pages and OpenAPI show it. */
export interface Group {
  name: string;
  title: string;
  description: string;
}

const builtInGroups: readonly Group[] = [
  { name: 'charging', title: 'Charging', description: 'Sessions, stations, users and charging events.' },
  {
    name: 'energy',
    title: 'Energy',
    description: 'Energy by charge point, site, hour and period, and its forecast.',
  },
  { name: 'revenue', title: 'Revenue', description: 'Revenue by charge point, tariff and period, and its forecast.' },
  { name: 'billing', title: 'Billing', description: 'Statements of users and RFID tags.' },
  {
    name: 'operations',
    title: 'Operations',
    description: 'Load, utilisation, failed sessions, and the session forecast.',
  },
  { name: 'health', title: 'Health', description: 'Health score and uptime.' },
  { name: 'issues', title: 'Issues', description: 'Operational issues: list, summarize and acknowledge them.' },
  { name: 'status', title: 'Status', description: 'Status of charge points and sites at one point in time.' },
  { name: 'customers', title: 'Customers', description: 'Activity, purchases and segments of customers.' },
  { name: 'system', title: 'System', description: 'Imported files and rejected rows.' },
  { name: 'custom', title: 'Custom reports', description: 'Reports from your own SQL folders.' },
];

/** Group by name; a group of user reports is named after its folder. */
export const findGroup = (name: string): Group =>
  builtInGroups.find((group) => group.name === name) ?? {
    name,
    title: name,
    description: `Reports from the folder ${name}.`,
  };

/** Groups with their reports: the built-in groups first, in order. */
export function groupReports(reports: readonly Report[]): [Group, Report[]][] {
  const names = new Set([...builtInGroups.map(({ name }) => name), ...reports.map(({ group }) => group)]);
  return [...names]
    .map((name): [Group, Report[]] => [findGroup(name), reports.filter(({ group }) => group === name)])
    .filter(([, members]) => members.length > 0);
}
