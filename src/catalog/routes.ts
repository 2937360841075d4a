import { suggest } from '../text/names.ts';
import type { SqlFile } from './front-matter.ts';
import { catalogError } from './sql-text.ts';

/** Names in braces in the path of a route. */
export const pathParameters = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

const pathPattern = /^(\/([\w.~-]+|\{\w+\}))+$/;

/** Beginnings of paths that are the server's own. */
const reservedSegments = [
  'v0',
  'docs',
  'openapi.json',
  'healthz',
  'readyz',
  'metrics',
  'assets',
  'static',
  'favicon.ico',
];

/** A path without what its parameters are called: two that are alike in it are one route. */
export const pathShape = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');

/** Routes that are no report's. */
export const fixedRoutes: readonly string[] = ['/api/v1/analytics/issues/{issue_id}/acknowledge'];

/**
 * Reads the paths a report answers at.
 * @param parameters names of the report's own parameters
 */
export function readPaths(
  file: SqlFile,
  name: string,
  value: string | readonly string[],
  parameters: readonly string[],
): string[] {
  const paths = [value].flat();
  for (const [index, path] of paths.entries()) {
    const pathError = (what: string, fix: string): Error =>
      catalogError(file.path, file.lineOf(['http', index]), what, fix);
    if (!pathPattern.test(path))
      throw pathError(
        `http: "${path}" is no path`,
        'Write it like /api/v1/sites/{site_id}/load, of letters, digits, _ - . ~ and parameters in braces.',
      );
    const pipe = `/v0/pipes/${name}.json`;
    if (reservedSegments.includes(path.split('/')[1]!) && path !== pipe)
      throw pathError(
        `http: "${path}" is the server's own`,
        `Choose a path that begins otherwise; every report answers at ${pipe} anyway.`,
      );
    const inPath = pathParameters(path);
    for (const parameter of inPath) {
      if (!parameters.includes(parameter))
        throw pathError(`"${parameter}" is no parameter of this report`, suggest(parameter, parameters));
    }
    if (new Set(inPath).size < inPath.length)
      throw pathError(`http: "${path}" has a parameter twice`, 'Name each once.');
    const other = [...fixedRoutes, ...paths.slice(0, index)].find((each) => pathShape(each) === pathShape(path));
    if (other !== undefined) throw pathError(`http: "${path}" is taken by ${other}`, 'Choose another path.');
  }
  return paths;
}
