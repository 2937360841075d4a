import { basename, relative, resolve } from 'node:path';
import { partPattern } from './glob-pattern.ts';

/** A value for files whose path matches a pattern. */
export interface FileRule {
  /** Glob pattern of the name, or with a slash of the path below the folder; `**` is any number of folders. */
  pattern: string;
  value: string;
  folder: string;
}

/** The value of the first rule that a file matches, if any. */
export const ruleFor = (rules: readonly FileRule[], file: string): FileRule | undefined =>
  file === '-'
    ? undefined
    : rules.find(({ pattern, folder }) =>
        pattern.includes('/')
          ? matches(pattern.split('/'), relative(folder, resolve(file)).split('/'))
          : partPattern(pattern).test(basename(file)),
      );

/** Whether the segments of a path match those of a pattern. */
function matches([part, ...parts]: readonly string[], segments: readonly string[]): boolean {
  if (part === undefined) return segments.length === 0;
  if (part === '**') return segments.some((_, at) => matches(parts, segments.slice(at)));
  const [segment, ...rest] = segments;
  return segment !== undefined && partPattern(part).test(segment) && matches(parts, rest);
}
