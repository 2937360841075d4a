// Prepares a clone: installs packages if they are missing or outdated, and builds if a source or SQL file is newer than the build.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const changed = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const newest = (folder) =>
  Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
      changed(join(entry.parentPath, entry.name)),
    ),
  );

// Messages go to stderr: stdout belongs to the calling command.
const run = (command, args) =>
  execFileSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });

// Not `npm ci`, which requires packages of platforms that a registry may lack. The lock file still sets the versions.
if (changed('node_modules/.package-lock.json') < changed('package-lock.json'))
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund']);
const inputs = [newest('src'), newest('sql'), newest('test/reports'), changed('scripts/build.mjs')];
if (changed('dist/catalog.json') < Math.max(...inputs, changed('package-lock.json')))
  run(process.execPath, ['scripts/build.mjs']);
