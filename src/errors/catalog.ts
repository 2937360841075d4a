import { clickhouseErrors } from './catalog/clickhouse.ts';
import { clickhouseExportErrors } from './catalog/clickhouse-export.ts';
import { commandErrors } from './catalog/commands.ts';
import { databaseErrors } from './catalog/database.ts';
import { httpErrors } from './catalog/http.ts';
import { ingestErrors } from './catalog/ingest.ts';
import { parameterErrors } from './catalog/parameters.ts';
import { reportErrors } from './catalog/reports.ts';
import { catalogErrors } from './catalog/sql-files.ts';
import { sqlErrors } from './catalog/sql.ts';
import { systemErrors } from './catalog/system.ts';

/** Every expected failure by its code, which is `error.code` over HTTP. */
export const errorCatalog = {
  ...systemErrors,
  ...commandErrors,
  ...parameterErrors,
  ...databaseErrors,
  ...clickhouseErrors,
  ...clickhouseExportErrors,
  ...reportErrors,
  ...ingestErrors,
  ...sqlErrors,
  ...catalogErrors,
  ...httpErrors,
} as const;

export type ErrorCode = keyof typeof errorCatalog;
