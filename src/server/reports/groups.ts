import type { Report } from '../../catalog/definitions.ts';

/** A group of reports, as pages and documents name it. */
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
    description: 'Energy by charge point, site, hour and period, and what is to come.',
  },
  { name: 'revenue', title: 'Revenue', description: 'Money by charge point, tariff and period, and what is to come.' },
  { name: 'billing', title: 'Billing', description: 'Statements of users and tokens.' },
  { name: 'operations', title: 'Operations', description: 'Load, utilisation, failed sessions and sessions to come.' },
  { name: 'health', title: 'Health', description: 'Health score and uptime.' },
  { name: 'issues', title: 'Issues', description: 'What is wrong in the network, and acknowledging it.' },
  { name: 'status', title: 'Status', description: 'Charge points and sites at one moment.' },
  { name: 'customers', title: 'Customers', description: 'What customers do and buy, and their segments.' },
  { name: 'system', title: 'System', description: 'Imported files and rejected rows.' },
  { name: 'custom', title: 'Custom reports', description: 'Reports of your own SQL folders.' },
];

/** Group of a name; one of a user's own folders is named as its folder is. */
export const findGroup = (name: string): Group =>
  builtInGroups.find((group) => group.name === name) ?? {
    name,
    title: name,
    description: `Reports of the folder ${name}.`,
  };

/** Groups with their reports: ours in their order, then those of the user. */
export function groupReports(reports: readonly Report[]): [Group, Report[]][] {
  const names = new Set([...builtInGroups.map(({ name }) => name), ...reports.map(({ group }) => group)]);
  return [...names]
    .map((name): [Group, Report[]] => [findGroup(name), reports.filter(({ group }) => group === name)])
    .filter(([, members]) => members.length > 0);
}
