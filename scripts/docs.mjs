// Writes the generated pages of docs/ and the manual page, and refreshes the command output in README.md.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manPage } from '../dist/docs/man-page.js';
import { readmePictures } from '../dist/docs/pictures.js';
import { refreshConsoleBlocks, refreshOwnFiles } from '../dist/docs/readme.js';
import { referencePages } from '../dist/docs/reference.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
mkdirSync('docs/img', { recursive: true });
for (const [name, text] of Object.entries(await referencePages())) writeFileSync(join('docs', name), text);

mkdirSync('man', { recursive: true });
writeFileSync('man/wattduck.1', await manPage());

for (const [name, text] of Object.entries(await readmePictures())) writeFileSync(join('docs/img', name), text);

const scratch = mkdtempSync(join(tmpdir(), 'wattduck-docs-'));
writeFileSync(
  'README.md',
  await refreshConsoleBlocks(readFileSync('README.md', 'utf8'), { WATTDUCK_DB: join(scratch, 'readme.duckdb') }, root),
);
rmSync(scratch, { recursive: true });
writeFileSync('docs/own-files.md', await refreshOwnFiles(readFileSync('docs/own-files.md', 'utf8'), root));
