/** What the catalog asks of a database to check its files; the warehouse's duckdb provides it. */
export interface CatalogDatabase {
  run(sql: string): Promise<unknown>;
  /** Throws what DuckDB says of a statement it can't run. */
  check(sql: string): Promise<void>;
  /** Parameter and column types of one statement, found without running it. */
  describeSchema(sql: string): Promise<StatementInfo>;
  countRows(sql: string): Promise<number>;
  /** DuckDB's own parse tree of one select. */
  parseTree(sql: string): Promise<unknown>;
  /** Tables a statement names, where DuckDB can tell; views count as tables. */
  tableNamesIn(sql: string): readonly string[] | undefined;
  /** Columns of a table as its DDL has them, in order; none for a table that is not there. */
  tableColumns(table: string): Promise<NamedType[]>;
}

export interface NamedType {
  name: string;
  type: string;
}

export interface StatementInfo {
  parameters: NamedType[];
  columns: NamedType[];
  isSelect: boolean;
}
