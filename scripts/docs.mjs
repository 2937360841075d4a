// Writes the generated pages of docs/ and the manual page, and refreshes the command output in README.md and docs/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manPage } from '../dist/docs/man-page.js';
import { readmePictures } from '../dist/docs/pictures.js';
import { examplePages, refreshPage } from '../dist/docs/readme.js';
import { referencePages } from '../dist/docs/reference.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
mkdirSync('docs/img', { recursive: true });
for (const [name, text] of Object.entries(await referencePages())) writeFileSync(join('docs', name), text);

mkdirSync('man', { recursive: true });
writeFileSync('man/wattduck.1', await manPage());

for (const [name, text] of Object.entries(await readmePictures())) writeFileSync(join('docs/img', name), text);

for (const page of Object.keys(examplePages)) writeFileSync(page, await refreshPage(page, root));
