import type { Report } from '../../src/catalog/definitions.ts';

/** What names something in the data sets depot, lobby and members. */
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

/** Values for what a report requires, and those that keep its answer small and the same. */
export const requiredParams = ({ parameters }: Report): Record<string, string> =>
  Object.fromEntries(
    parameters
      .filter(({ name, required, role }) => required || role || name === 'currency')
      .flatMap(({ name, role, example }) => {
        const value = exampleValues[name] ?? (role === 'time_zone' ? 'Europe/Berlin' : example);
        return value === undefined ? [] : [[name, value]];
      }),
  );

export const query = (values: Record<string, string>): string => new URLSearchParams(values).toString();

/** Reports of what was taken in; what others tell of the server itself is another thing each time. */
export const dataReports = (reports: readonly Report[]): Report[] =>
  reports.filter(({ tables }) => !tables.some((table) => table === 'requests' || table === 'tokens'));
