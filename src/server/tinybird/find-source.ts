import type { Source } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';

/** @throws WattduckError (datasource_required, datasource_not_found) */
export function findSource(sources: readonly Source[], name: string | undefined): Source {
  const known = sources.map((source) => source.name);
  if (name === undefined || name === '') throw new WattduckError('datasource_required', { known: known.join(', ') });
  const source = sources.find((each) => each.name === name);
  if (!source) throw new WattduckError('datasource_not_found', { name, suggestion: suggest(name, known) });
  return source;
}
