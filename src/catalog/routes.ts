import { suggest } from '../text/names.ts';
import type { SqlFile } from './front-matter.ts';
import { sqlFileError } from './sql-text.ts';

/** Names in braces in the path of a route. */
export const pathParameters = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

const pathPattern = /^(\/([\w.~-]+|\{\w+\}))+$/;

/** First segments of paths that the server uses itself. */
const reservedSegments = [
  'v0',
  'docs',
  'openapi.json',
  'healthz',
  'readyz',
  'metrics',
  'assets',
  'tiles',
  'static',
  'favicon.ico',
];

/** A path without the names of its parameters; two paths of the same shape are one route. */
export const pathShape = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');

/** Routes that do not belong to a report. */
export const fixedRoutes: readonly string[] = [
  '/api/v1/analytics/issues/{issue_id}/acknowledge',
  '/reports',
  '/reports/{name}',
  '/login',
  '/logout',
];

/**
 * Reads and checks the HTTP paths of a report.
 * @param parameters names of the parameters of the report
 */
export function readPaths(
  file: SqlFile,
  name: string,
  value: string | readonly string[],
  parameters: readonly string[],
): string[] {
  const paths = [value].flat();
  for (const [index, path] of paths.entries()) {
    const line = file.lineOf(['http', index]);
    if (!pathPattern.test(path))
      throw sqlFileError(file.path, line, 'sql_file_invalid_path', {
        http_path: path,
        example: '/api/v1/sites/{site_id}/load',
      });
    const pipe = `/v0/pipes/${name}.json`;
    if (reservedSegments.includes(path.split('/')[1]!) && path !== pipe)
      throw sqlFileError(file.path, line, 'sql_file_reserved_path', { http_path: path, pipe });
    const inPath = pathParameters(path);
    for (const parameter of inPath) {
      if (!parameters.includes(parameter))
        throw sqlFileError(file.path, line, 'sql_file_unknown_parameter', {
          parameter,
          suggestion: suggest(parameter, parameters),
        });
    }
    if (new Set(inPath).size < inPath.length)
      throw sqlFileError(file.path, line, 'sql_file_repeated_path_parameter', { http_path: path });
    const other = [...fixedRoutes, ...paths.slice(0, index)].find((each) => pathShape(each) === pathShape(path));
    if (other !== undefined) throw sqlFileError(file.path, line, 'sql_file_duplicate_path', { http_path: path, other });
  }
  return paths;
}
