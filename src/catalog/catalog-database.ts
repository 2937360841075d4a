/** Database with which the catalog checks its files; implemented by the DuckDb class of the warehouse. */
export interface CatalogDatabase {
  run(sql: string): Promise<unknown>;
  /** Prepares a statement; throws DuckDB's error if it is invalid. */
  check(sql: string): Promise<void>;
  /** Parameter and column types of one statement, which is not run. */
  describeSchema(sql: string): Promise<StatementInfo>;
  countRows(sql: string): Promise<number>;
  /** DuckDB's parse tree of one select. */
  parseTree(sql: string): Promise<unknown>;
  /** SQL of an expression of a parse tree. */
  formatExpression(node: unknown): Promise<string>;
  /** Tables and views that a statement names; undefined if DuckDB cannot list them. */
  tableNamesIn(sql: string): readonly string[] | undefined;
  /** Columns of a table in the order of its DDL; empty if the table does not exist. */
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
