import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { readmePictures } from '../../src/docs/pictures.ts';
import { examplePages, refreshPage } from '../../src/docs/readme.ts';
import { referencePages } from '../../src/docs/reference.ts';
import { processIo } from '../../src/io.ts';
import { buildProgram } from '../../src/main.ts';

const stale = 'stale: run `npm run docs`';

/** Pages of docs/ that are not generated. */
const handWritten = [
  'architecture.md',
  'charts.md',
  'customers.md',
  'deploy.md',
  'excel-and-cron.md',
  'forecasts.md',
  'import.md',
  'network.md',
  'own-files.md',
  'own-reports.md',
  'scale.md',
  'serve.md',
  'settings.md',
  'style.md',
];
/** Folder of the pictures. */
const pictureFolder = 'img';

test('the generated pages are up to date, and docs/ has no others but the hand-written ones', async () => {
  const pages = await referencePages();
  expect(readdirSync('docs').toSorted()).toEqual(
    [...Object.keys(pages), ...handWritten, 'examples', pictureFolder].toSorted(),
  );
  for (const [name, text] of Object.entries(pages))
    expect(readFileSync(join('docs', name), 'utf8'), `docs/${name} is ${stale}`).toBe(text);
});

test('the pictures are up to date, and a page shows each', async () => {
  const pictures = await readmePictures();
  expect(readdirSync(join('docs', pictureFolder)).toSorted()).toEqual(Object.keys(pictures).toSorted());
  const pages = linkedPages.map((page) => [page, readFileSync(page, 'utf8')] as const);
  for (const [name, text] of Object.entries(pictures)) {
    const path = `docs/${pictureFolder}/${name}`;
    expect(readFileSync(path, 'utf8'), `${path} is ${stale}`).toBe(text);
    expect(pages.some(([page, markdown]) => markdown.includes(`](${relative(dirname(page), path)})`))).toBe(true);
  }
});

/** Text without durations and the time of an acknowledgement. */
const timeless = (text: string): string =>
  text.replaceAll(/, \d+\.\d s\)/g, ', … s)').replaceAll(/("elapsed": |"acknowledged_at": )[^,\n]+/g, '$1…');

test.each(Object.keys(examplePages))('%s shows real output', async (page) => {
  const afresh = await refreshPage(page, process.cwd());
  expect(timeless(readFileSync(page, 'utf8')), `${page} is ${stale}`).toBe(timeless(afresh));
});

test('every page with console blocks of commands is refreshed', () => {
  const pages = linkedPages.filter((page) => /^```console\n\$ (wattduck|curl) /m.test(readFileSync(page, 'utf8')));
  expect(pages.toSorted()).toEqual(Object.keys(examplePages).toSorted());
});

test('the README is short', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(230);
});

test('the README names every command', async () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const command of (await buildProgram(processIo())).commands) {
    if (command.name() !== 'help') expect(readme).toMatch(new RegExp(`wattduck ${command.name()}\\b`));
  }
});

const linkedPages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs', { encoding: 'utf8' }).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** Targets of links to files, without code blocks and anchors. */
const relativeLinks = (markdown: string): string[] =>
  Array.from(markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => target.split('#')[0]!);

test.each(linkedPages)('every relative link in %s points to a file', (page) => {
  const missing = relativeLinks(readFileSync(page, 'utf8')).filter(
    (target) => !existsSync(join(dirname(page), target)),
  );
  expect(missing).toEqual([]);
});

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

test.each(linkedPages)('every anchor in a link of %s is a heading', (page) => {
  const links = Array.from(
    readFileSync(page, 'utf8').matchAll(/\]\(([^):\s]*)#([^)\s]+)\)/g),
    ([, file, anchor]) => [file === '' ? page : join(dirname(page), file!), anchor!] as const,
  );
  const missing = links.filter(
    ([file, anchor]) =>
      !readFileSync(file, 'utf8')
        .split('\n')
        .some((line) => line.startsWith('#') && anchorOf(line.replace(/^#+ /, '')) === anchor),
  );
  expect(missing).toEqual([]);
});

test('the architecture page stays short', () => {
  expect(readFileSync('docs/architecture.md', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});
