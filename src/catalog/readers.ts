// What reads and checks each kind of SQL file, in one piece: it is loaded only where a file is checked.
export { readForecast } from './forecast-front-matter.ts';
export { parseSqlFile } from './front-matter.ts';
export { readFormat, readMapping } from './mapping-file.ts';
export { readAction, readReport } from './report-file.ts';
export { readSource } from './source-file.ts';
export { readRule, readView } from './view-file.ts';
