import type { TargetTable } from './target-tables.ts';

const time = "DateTime64(3, 'UTC')";

/** Names of the tables of the export itself. */
export const [runsTable, ledgerTable] = ['export_runs', 'export_ledger'];

/** The runs of the export (one holds the lease), and the ledger: the last state of each month of each table. */
export const ledgerTables: readonly TargetTable[] = [
  {
    name: runsTable,
    columns: [
      { name: 'run_id', type: 'String' },
      // Rises with each run; 0 while the run waits for the lease.
      { name: 'export_number', type: 'UInt64' },
      { name: 'state', type: 'String' },
      // Machine and process that run it.
      { name: 'host', type: 'String' },
      { name: 'pid', type: 'UInt32' },
      { name: 'schema_version', type: 'UInt32' },
      { name: 'wattduck', type: 'String' },
      // Shards of the cluster; rows stay where they are if it changes.
      { name: 'shards', type: 'UInt32' },
      { name: 'renewed_at', type: time },
      { name: 'expires_at', type: time },
      { name: 'change', type: 'UInt64' },
    ],
    key: ['run_id'],
    isKeyless: false,
    version: 'change',
    placement: 'spread',
  },
  {
    name: ledgerTable,
    columns: [
      { name: 'table_name', type: 'String' },
      // Empty for a table without months.
      { name: 'month', type: 'String' },
      // judged before rows move, done afterwards.
      { name: 'state', type: 'String' },
      // Number and hash of the rows; empty without rows.
      { name: 'content', type: 'String' },
      { name: 'rows', type: 'UInt64' },
      { name: 'rows_new', type: 'UInt64' },
      { name: 'rows_updated', type: 'UInt64' },
      { name: 'rows_unchanged', type: 'UInt64' },
      { name: 'rows_removed', type: 'UInt64' },
      { name: 'export_number', type: 'UInt64' },
      { name: 'changed_at', type: time },
      { name: 'change', type: 'UInt64' },
    ],
    key: ['table_name', 'month'],
    isKeyless: false,
    version: 'change',
    placement: 'spread',
  },
];
