import { selectionRoles, type Report } from '../../src/catalog/definitions.ts';

/** IDs and names in the data sets depot, lobby and members. */
const exampleValues: Record<string, string> = {
  site_id: 'lobby',
  project_id: 'lobby',
  charge_point_id: 'C1',
  issue_id: 'dep_open',
  customer_id: 'ana',
  segment_name: 'VIP',
  currency: 'EUR',
  from: '2025-06-01',
  to: '2025-12-31',
  start_date: '2025-06-01',
  end_date: '2025-12-31',
  as_of: '2026-01-01',
  month: '2025-12',
};

/** Roles of parameters that change what the answer is. */
const chosenRoles: readonly string[] = ['period', 'compare', 'total', ...selectionRoles];

/** Values of required parameters, and those that keep a response small and stable. */
export const requiredParams = ({ parameters }: Report): Record<string, string> =>
  Object.fromEntries(
    parameters
      .filter(({ name, required, role }) => required || (role && !chosenRoles.includes(role)) || name === 'currency')
      .flatMap(({ name, role, example }) => {
        const value = exampleValues[name] ?? (role === 'time_zone' ? 'Europe/Berlin' : example);
        return value === undefined ? [] : [[name, value]];
      }),
  );

export const query = (values: Record<string, string>): string => new URLSearchParams(values).toString();

/** Reports of imported data; the others describe the server itself and change with each call. */
export const dataReports = (reports: readonly Report[]): Report[] =>
  reports.filter(({ tables }) => !tables.some((table) => table === 'requests' || table === 'tokens'));
