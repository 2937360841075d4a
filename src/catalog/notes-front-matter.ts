import type { View } from './definitions.ts';
import { validateObject, type SqlFile } from './front-matter.ts';
import { sqlFileError } from './sql-text.ts';
import { findView, type ViewLookup } from './view-file.ts';

/** Column of a view of notes. */
export const noteColumn = 'note';

/** Reads the views whose rows are notes on the answer of a report; throws if one is missing or has no column `note`. */
export async function readNotes(file: SqlFile, lookup: ViewLookup): Promise<View[]> {
  const value = file.frontMatter['notes'];
  if (value === undefined) return [];
  const { notes } = validateObject<{ notes: string[] }>(file, [], { notes: value }, { notes: 'texts' });
  const views: View[] = [];
  for (const [index, name] of notes.entries()) {
    const view = await findView(file, ['notes', index], name, lookup);
    if (view.outputColumns.find((column) => column.name === noteColumn)?.type !== 'VARCHAR')
      throw sqlFileError(file.path, file.lineOf(['notes', index]), 'sql_file_view_without_note', {
        view: name,
        column: noteColumn,
      });
    views.push(view);
  }
  return views;
}
