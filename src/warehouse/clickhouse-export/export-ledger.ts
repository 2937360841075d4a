import { ledgerTable } from './ledger-tables.ts';
import type { TargetServer } from './target-server.ts';

/** Rows of a month by what happened to them. */
export interface RowCounts {
  new: number;
  updated: number;
  unchanged: number;
  removed: number;
}

/** The last state of a month of a table. */
export interface LedgerEntry {
  table: string;
  /** Empty for a table without months. */
  month: string;
  /** `judged` before rows move, `done` afterwards. */
  state: 'judged' | 'done';
  /** Number and hash of the rows; empty without rows. */
  content: string;
  rows: number;
  counts: RowCounts;
}

/** What the tables of ClickHouse have, by table and month. */
export class ExportLedger {
  readonly #server: TargetServer;
  readonly #exportNumber: number;
  readonly #entries: Map<string, LedgerEntry>;

  private constructor(server: TargetServer, exportNumber: number, entries: readonly LedgerEntry[]) {
    this.#server = server;
    this.#exportNumber = exportNumber;
    this.#entries = new Map(entries.map((entry) => [keyOf(entry.table, entry.month), entry]));
  }

  static async read(server: TargetServer, exportNumber: number): Promise<ExportLedger> {
    const rows = await server.rows(
      `select table_name, month, state, content, rows, rows_new, rows_updated, rows_unchanged, rows_removed
       from ${server.name(ledgerTable)} final`,
    );
    const entries = rows.map(([table, month, state, content, ...numbers]): LedgerEntry => {
      const [total, added, updated, unchanged, removed] = numbers.map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      return {
        table: String(table),
        month: String(month),
        state: state === 'done' ? 'done' : 'judged',
        content: String(content),
        rows: total,
        counts: { new: added, updated, unchanged, removed },
      };
    });
    return new ExportLedger(server, exportNumber, entries);
  }

  entry(table: string, month: string): LedgerEntry | undefined {
    return this.#entries.get(keyOf(table, month));
  }

  /** Whether any month of the table was ever loaded. */
  hasTable(table: string): boolean {
    return [...this.#entries.values()].some((entry) => entry.table === table);
  }

  /** Months of a table that have rows, or may have some. */
  monthsWithRows(table: string): string[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.table === table && (entry.state === 'judged' || entry.content !== ''))
      .map(({ month }) => month);
  }

  async write(entry: LedgerEntry): Promise<void> {
    const { table, month, state, content, rows, counts } = entry;
    await this.#server.insertValues(ledgerTable, {
      table_name: table,
      month,
      state,
      content,
      rows,
      rows_new: counts.new,
      rows_updated: counts.updated,
      rows_unchanged: counts.unchanged,
      rows_removed: counts.removed,
      export_number: this.#exportNumber,
      changed_at: { sql: 'now64(3)' },
      change: this.#exportNumber * 2 + (state === 'done' ? 1 : 0),
    });
    this.#entries.set(keyOf(table, month), entry);
  }
}

const keyOf = (table: string, month: string): string => `${table}/${month}`;
