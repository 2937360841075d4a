import type { Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import type { Given } from '../warehouse/binder.ts';

/** What clients add of their own, and is no parameter of a report. */
const tags = /^(token|cli_version|utm_.*|__tb__.*)$/;
/** Whether a parameter is one that clients add, and no server needs. */
export const isTag = (name: string): boolean => name === 'from' || tags.test(name);
const isDate = /^\d{4}-\d\d/;

/**
 * Parameters of a report as a URL or a form gives them.
 * @throws WattduckError (usage) for one given twice
 */
export function givenIn(report: Report, ...sources: readonly unknown[]): Given {
  const given: Given = {};
  const known = report.parameters.map(({ name }) => name);
  for (const [written, value] of sources.flatMap((source) => Object.entries((source ?? {}) as Record<string, unknown>))) {
    // A URL that was copied from a web page may have its ampersands as the page has them.
    const name = written.replace(/^amp;/, '');
    if (!known.includes(name) && tags.test(name)) continue;
    // Clients sign their requests with `from`.
    if (name === 'from' && typeof value === 'string' && !isDate.test(value)) {
      if (!known.includes('from') || /^(ts-sdk|mockingbird)$/.test(value)) continue;
    }
    if (Array.isArray(value) || given[name] !== undefined) throw new WattduckError('usage', `${name} is given more than once`, 'Give it once.');
    given[name] = textOf(name, value);
  }
  return given;
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object') throw new WattduckError('usage', `${name} is no plain value`, 'Give a text or a number.');
  return String(value);
}
