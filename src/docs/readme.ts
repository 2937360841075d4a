import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const commandLine = /^\$ ((?:wattduck|curl|cat|head) .*)$/;

/** Address of the server in the examples; they run against a free port. */
const exampleUrl = 'http://127.0.0.1:8787';

/**
 * Runs every `$ wattduck …`, `$ curl …`, `$ cat …` and `$ head …` line in the console blocks of a Markdown text, in order, and replaces the output
 * below it: what bash shows in a terminal of 80 columns.
 * @param settings environment of the commands; WATTDUCK_DB must name a database
 * @param root the repository, built
 * @param workFolder working folder of the commands
 */
async function refreshConsoleBlocks(
  markdown: string,
  settings: NodeJS.ProcessEnv,
  root: string,
  workFolder: string,
): Promise<string> {
  const shell = new ExampleShell(settings, root, workFolder);
  try {
    const parts = markdown.split(/(^```console\n[\s\S]*?^```$)/m);
    for (const [index, part] of parts.entries()) {
      if (part.startsWith('```console')) parts[index] = await refreshBlock(part, shell);
    }
    return parts.join('');
  } finally {
    await shell.close();
  }
}

async function refreshBlock(block: string, shell: ExampleShell): Promise<string> {
  const lines: string[] = ['```console'];
  let isReplaced = false;
  for (const line of block.split('\n').slice(1, -1)) {
    const command = commandLine.exec(line)?.[1];
    if (line.startsWith('$')) isReplaced = command !== undefined;
    if (line.startsWith('$') || !isReplaced) lines.push(line);
    if (command !== undefined) lines.push((await shell.run(command)).trimEnd());
  }
  return [...lines, '```'].join('\n');
}

/**
 * The pages with console blocks, each with the example file that is alone in the folder of its commands; the commands of a page
 * without one run in the repository, on a database with all fixtures.
 */
export const examplePages: Readonly<Record<string, string | undefined>> = {
  'README.md': 'docs/examples/sessions.csv',
  'docs/own-files.md': 'docs/examples/ladevorgaenge.csv',
  'docs/charts.md': undefined,
  'docs/customers.md': undefined,
  'docs/forecasts.md': undefined,
  'docs/import.md': undefined,
  'docs/network.md': undefined,
  'docs/serve.md': undefined,
};

/** Refreshes the console blocks of a page. @param root the repository, built */
export async function refreshPage(page: string, root: string): Promise<string> {
  const markdown = readFileSync(join(root, page), 'utf8');
  const example = examplePages[page];
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-page-'));
  const db = join(folder, 'wattduck.duckdb');
  try {
    if (example === undefined) copyFileSync(fixtureDatabase(root), db);
    else copyFileSync(join(root, example), join(folder, basename(example)));
    return await refreshConsoleBlocks(markdown, { WATTDUCK_DB: db }, root, example === undefined ? root : folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A database with all fixtures, until the process ends. */
let fixturePath: string | undefined;

function fixtureDatabase(root: string): string {
  if (fixturePath !== undefined) return fixturePath;
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-fixtures-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const db = join(folder, 'fixtures.duckdb');
  const files = readdirSync(join(root, 'fixtures'))
    .filter((name) => /\.(csv|gz)$/.test(name))
    .map((name) => join('fixtures', name));
  execFileSync(process.execPath, ['bin/wattduck.js', 'ingest', ...files, '--db', db], { cwd: root, stdio: 'ignore' });
  fixturePath = db;
  return db;
}

/** Runs command lines with bash. The first curl command starts a server, which all later commands use. */
class ExampleShell {
  /** A folder with the command `wattduck` and the configuration of curl. */
  readonly #toolFolder = mkdtempSync(join(tmpdir(), 'wattduck-readme-'));
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #server: { process: ChildProcess; url: string } | undefined;

  constructor(settings: NodeJS.ProcessEnv, folder: string, workFolder: string) {
    this.#folder = workFolder;
    this.#env = {
      PATH: [this.#toolFolder, process.env['PATH']].join(delimiter),
      LC_ALL: 'C',
      NO_COLOR: '1',
      CURL_HOME: this.#toolFolder,
      ...settings,
    };
    const program = JSON.stringify(pathToFileURL(join(folder, 'bin/wattduck.js')).href);
    writeFileSync(
      join(this.#toolFolder, 'wattduck'),
      `#!${process.execPath}\nObject.assign(process.stdout, { isTTY: true, columns: 80 });\nimport(${program});\n`,
      { mode: 0o755 },
    );
    // In a pipe, curl would print a progress meter.
    writeFileSync(join(this.#toolFolder, '.curlrc'), 'silent\nshow-error\n');
  }

  /** Runs a command line and returns what it printed on stdout and stderr. */
  async run(command: string): Promise<string> {
    const url = command.startsWith('curl ') ? await this.#serverUrl() : exampleUrl;
    const bash = spawn('bash', ['-c', `exec 2>&1\n${command.replaceAll(exampleUrl, url)}`], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return (await text(bash.stdout)).replaceAll(url, exampleUrl);
  }

  /** Stops the server and removes the tools. */
  async close(): Promise<void> {
    if (this.#server && this.#server.process.exitCode === null) {
      const exit = once(this.#server.process, 'exit');
      this.#server.process.kill('SIGTERM');
      await exit;
    }
    rmSync(this.#toolFolder, { recursive: true });
  }

  async #serverUrl(): Promise<string> {
    this.#server ??= await this.#startServer();
    return this.#server.url;
  }

  async #startServer(): Promise<{ process: ChildProcess; url: string }> {
    const server = spawn(join(this.#toolFolder, 'wattduck'), ['serve', '--port', '0'], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    for await (const line of createInterface({ input: server.stderr })) {
      const url = / at (http:\S+) /.exec(line)?.[1];
      if (url !== undefined) return { process: server, url };
      output += `${line}\n`;
    }
    throw new Error(`wattduck serve did not start: ${output}`);
  }
}
