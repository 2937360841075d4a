import type { PageDefinition, Report } from './definitions.ts';
import { pathShape } from './routes.ts';
import { sqlFileError } from './sql-text.ts';

/**
 * Checks that no two pages, and no page and report, have the same address.
 * @throws WattduckError with the file of the second one
 */
export function assertUniqueAddresses(pages: readonly PageDefinition[], reports: readonly Report[]): void {
  const used = new Map(reports.flatMap((report) => report.http.map((path) => [pathShape(path), report.path] as const)));
  for (const page of pages) {
    const other = used.get(pathShape(page.address));
    if (other !== undefined)
      throw sqlFileError(page.path, 1, 'sql_file_duplicate_path', { http_path: page.address, other });
    used.set(pathShape(page.address), page.path);
  }
}
