import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { stripTrailingSemicolon } from '../catalog/sql-text.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { openOutputFile } from '../render/output-file.ts';
import { StatementReader } from './statement-reader.ts';
import { printFailure } from './print-error.ts';

const [prompt, continuation] = ['wattduck> ', '     ...> '];
/** Max lines of the history. */
const historySize = 1000;

const help = `End a query with ; to run it. It may have several lines.
  .tables         List tables
  .help           Show this help
  .quit           Leave (or press Ctrl-D)
  Ctrl-C          Clear the input, or stop the running query
  Up, Down        Earlier queries
`;

/** Statements that words with a dot stand for. */
const shortcuts: Readonly<Record<string, string>> = { '.tables': 'show tables' };

/** The file with the lines of earlier prompts. */
const historyPath = (env: NodeJS.ProcessEnv): string => env['WATTDUCK_HISTORY'] || join(homedir(), '.wattduck_history');

/**
 * Reads queries from the terminal and runs each of them, until the user leaves.
 * @param run runs one statement; its errors are printed
 */
export async function promptForQueries(
  io: Io,
  run: (statement: string) => Promise<void>,
  debug: boolean,
): Promise<void> {
  const path = historyPath(io.env);
  let history = existsSync(path) ? readHistory(path) : [];
  io.stdout.write('Type a query and ; to run it, .help for help, .quit to leave.\n');
  const reader = new StatementReader();
  for (;;) {
    const lines = await readLines(history, reader, (typed) => (history = typed));
    if (lines === undefined) break;
    let isOver = false;
    for (const line of lines) {
      const word = reader.isEmpty ? line.trim().toLowerCase().replace(/;$/, '') : '';
      if (word === '.quit' || word === '.exit') {
        isOver = true;
        break;
      }
      if (word === '.help') io.stdout.write(help);
      else if (word.startsWith('.') && shortcuts[word] === undefined)
        printFailure(new WattduckError('unknown_prompt_command', { name: word }), io, debug);
      else
        for (const statement of shortcuts[word] === undefined ? reader.add(line) : [shortcuts[word]])
          await run(stripTrailingSemicolon(statement)).catch((error: unknown) => printFailure(error, io, debug));
    }
    if (isOver) break;
  }
  writeHistory(path, history);
}

/** The lines typed or pasted at once; undefined at the end of the input. Ctrl-C clears the input. */
function readLines(
  history: readonly string[],
  reader: StatementReader,
  onHistory: (history: string[]) => void,
): Promise<string[] | undefined> {
  // The interface ends before a statement runs, so that keys reach the pager, and Ctrl-C the query.
  const terminal: Interface = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    history: [...history],
    historySize,
    removeHistoryDuplicates: true,
  });
  terminal.on('history', (typed: string[]) => onHistory([...typed]));
  terminal.setPrompt(reader.isEmpty ? prompt : continuation);
  terminal.prompt();
  return new Promise((resolve) => {
    const lines: string[] = [];
    terminal.on('line', (line) => {
      // A paste has several lines: all of them are there before the next turn.
      if (lines.push(line) === 1)
        setImmediate(() => {
          resolve(lines);
          terminal.close();
        });
    });
    terminal.on('SIGINT', () => {
      reader.clear();
      process.stdout.write('^C\n');
      terminal.setPrompt(prompt);
      // Ctrl-U and Ctrl-K clear the line on both sides of the cursor.
      terminal.write(null, { ctrl: true, name: 'u' });
      terminal.write(null, { ctrl: true, name: 'k' });
      terminal.prompt();
    });
    terminal.on('close', () => {
      if (lines.length > 0) return;
      process.stdout.write('\n');
      resolve(undefined);
    });
  });
}

/** The lines of the history, the last one first. */
function readHistory(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).toReversed().slice(0, historySize);
  } catch {
    return [];
  }
}

function writeHistory(path: string, history: readonly string[]): void {
  try {
    const file = openOutputFile(path, 0o600);
    file.write(`${history.toReversed().join('\n')}\n`);
    file.keep();
  } catch {
    // The session must not fail because its history cannot be written.
  }
}
