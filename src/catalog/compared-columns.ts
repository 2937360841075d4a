import type { Report, ReportColumn } from './definitions.ts';

/** The parts of a report that say which columns are measures. */
type Compared = Pick<Report, 'columns' | 'key'> & Partial<Pick<Report, 'additive'>>;

/** Names of the columns that a comparison adds to another. */
export const beforeOf = (name: string): string => `${name}_before`;
export const changeOf = (name: string): string => `${name}_change`;

/** Whether a column is a number that can be compared with an earlier one: not a key, an ID or an hour. */
export const isMeasure = ({ key }: Pick<Report, 'key'>, { name, type, unit, hidden, numeric }: ReportColumn): boolean =>
  /INT|DOUBLE|FLOAT|DECIMAL/.test(type) &&
  !key.includes(name) &&
  !hidden &&
  !numeric &&
  !['id', 'hour', 'line'].includes(unit ?? '');

/** Whether a key is a date, or a text that may be one: its rows are matched by their position in the period. */
export const isBucketKey = ({ key }: Pick<Report, 'key'>, { name, type, bucket, hidden }: ReportColumn): boolean =>
  key.includes(name) && !hidden && (type === 'DATE' || bucket !== undefined);

/** Whether rows of groups in one period can be compared with those in an earlier one. */
export function isComparable(report: Compared & Pick<Report, 'grouped'>): boolean {
  const names = comparedColumns(report).map(({ name }) => name);
  return (
    report.grouped &&
    names.length > report.columns.length &&
    new Set(names).size === names.length &&
    report.columns.some((column) => isMeasure(report, column))
  );
}

/** The columns of a report, each measure followed by its earlier value and the relative change. */
export const comparedColumns = (report: Compared): ReportColumn[] =>
  report.columns.flatMap((column) => {
    const { name, type, unit } = column;
    if (isBucketKey(report, column))
      return [
        { ...column, nullable: true },
        { name: beforeOf(name), type, description: `${name} in the earlier period`, nullable: true },
      ];
    if (!isMeasure(report, column)) return [column];
    const value = unit === undefined ? {} : { unit };
    // Without a row, a sum is 0.
    const nullable = column.nullable || report.additive?.includes(name) !== true;
    return [
      { ...column, nullable },
      { name: beforeOf(name), type, ...value, description: `${name} in the earlier period`, nullable },
      {
        name: changeOf(name),
        type: 'DOUBLE',
        unit: 'share',
        description: `Change of ${name}, relative to ${beforeOf(name)}; empty if that is 0 or empty`,
        nullable: true,
      },
    ];
  });
