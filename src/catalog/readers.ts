// Readers of all kinds of SQL files in one module, which is loaded only to check a file.
export { readForecast } from './forecast-front-matter.ts';
export { parseSqlFile, parseYamlFile } from './front-matter.ts';
export { readMapping } from './mapping-file.ts';
export { readNotes } from './notes-front-matter.ts';
export { readPage } from './page-file.ts';
export { readAction, readReport } from './report-file.ts';
export { readSource } from './source-file.ts';
export { readRule, readView } from './view-file.ts';
