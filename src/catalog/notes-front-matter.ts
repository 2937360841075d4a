import { suggest } from '../text/names.ts';
import type { View } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import type { CatalogLookup } from './forecast-front-matter.ts';
import { sqlFileError } from './sql-text.ts';

/** Column of a view of notes. */
export const noteColumn = 'note';

/** Reads the views whose rows are notes on the answer of a report; throws if one is missing or has no column `note`. */
export async function readNotes(file: SqlFile, lookup: Pick<CatalogLookup, 'views' | 'view'>): Promise<View[]> {
  const value = file.frontMatter['notes'];
  if (value === undefined) return [];
  const { notes } = validateObject<{ notes: string[] }>(file, [], { notes: value }, { notes: 'texts' });
  const views: View[] = [];
  for (const [index, name] of notes.entries()) {
    const line = file.lineOf(['notes', index]);
    if (!lookup.views.includes(name))
      throw sqlFileError(file.path, line, 'sql_file_unknown_view', {
        view: name,
        suggestion: suggest(name, lookup.views),
      });
    const view = await lookup.view(name);
    if (view.outputColumns.find((column) => column.name === noteColumn)?.type !== 'VARCHAR')
      throw sqlFileError(file.path, line, 'sql_file_view_without_note', { view: name, column: noteColumn });
    views.push(view);
  }
  return views;
}
