import type { Catalog } from '../../catalog/catalog.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { suggest } from '../../text/names.ts';
import { clipped } from '../../text/plain-text.ts';

/**
 * The source a request names.
 * @throws WattduckError usage where it names none, not_found where there is none of that name
 */
export async function findSource(catalog: Catalog, name: string | undefined): Promise<string> {
  const known = (await catalog.sources()).map((source) => source.name);
  if (name === undefined || name === '')
    throw new WattduckError('usage', 'name is required', `Known: ${known.join(', ')}.`);
  if (!known.includes(name))
    throw new WattduckError('not_found', clipped`Data Source "${name}" does not exist`, suggest(name, known));
  return name;
}
