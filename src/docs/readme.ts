import { Catalog } from '../catalog/catalog.ts';
import { processIo, type Io } from '../io.ts';
import { main } from '../main.ts';
import { buildApp } from '../server/app.ts';
import { DatabaseOwner } from '../server/owner/owner.ts';
import { DuckDb } from '../warehouse/duckdb.ts';

const commandLine = /^\$ (wattduck|curl) (.*)$/;

/**
 * Runs every `$ wattduck …` and `$ curl …` line in the console blocks of a Markdown text and replaces its output: that of an
 * 80-column terminal, or the response of a server on the same database.
 * @param settings environment variables of the commands, such as WATTDUCK_DB
 */
export async function refreshConsoleBlocks(
  markdown: string,
  settings: NodeJS.ProcessEnv,
  folder: string,
): Promise<string> {
  const parts = markdown.split(/(^```console\n[\s\S]*?^```$)/m);
  for (const [index, part] of parts.entries()) {
    if (part.startsWith('```console')) parts[index] = await runBlock(part, settings, folder);
  }
  return parts.join('');
}

async function runBlock(block: string, settings: NodeJS.ProcessEnv, folder: string): Promise<string> {
  const lines: string[] = ['```console'];
  let isReplaced = false;
  for (const line of block.split('\n').slice(1, -1)) {
    const [, program, args] = commandLine.exec(line) ?? [];
    if (line.startsWith('$')) isReplaced = args !== undefined;
    if (line.startsWith('$') || !isReplaced) lines.push(line);
    if (args !== undefined)
      lines.push((await (program === 'curl' ? runCurl : runCommand)(splitArguments(args), settings, folder)).trimEnd());
  }
  return [...lines, '```'].join('\n');
}

/** Splits a command line into arguments like a shell. */
const splitArguments = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');

/** Response of a server of the database to a curl command with -X, -H and -d. */
async function runCurl(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const request: { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; payload?: string } = {
    method: 'GET',
    url: '',
    headers: {},
  };
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '-X') request.method = args[(index += 1)] as 'GET' | 'POST';
    else if (args[index] === '-H') {
      const [name = '', value = ''] = args[(index += 1)]!.split(/:\s*/);
      request.headers[name.toLowerCase()] = value;
    } else if (args[index] === '-d') Object.assign(request, { method: 'POST', payload: args[(index += 1)] });
    else request.url = args[index]!;
  }
  // The default of curl for a request with a body.
  if (request.payload !== undefined) request.headers['content-type'] ??= 'application/x-www-form-urlencoded';
  const duckdb = await DuckDb.open();
  const lockWait = { seconds: 0, notify: () => undefined, signal: new AbortController().signal };
  const owner = await DatabaseOwner.open(duckdb, await Catalog.open(duckdb), {
    path: env['WATTDUCK_DB']!,
    redact: false,
    lockWait,
  });
  const { app } = await buildApp({ io: processIo(), owner, tz: 'UTC', host: '127.0.0.1', seconds: 30 });
  try {
    return (await app.inject(request)).body;
  } finally {
    await app.close();
    await owner.close();
    await duckdb.close();
  }
}

async function runCommand(args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  let text = '';
  const screen = { write: (part: string) => void (text += part), isTTY: true, columns: 80 };
  const io: Io = {
    ...processIo(),
    stdout: screen,
    stderr: { ...screen, isTTY: false },
    env: { NO_COLOR: '1', ...env },
    cwd,
  };
  await main(args, io);
  return text;
}
