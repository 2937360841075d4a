import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { hasPty, noPty } from '../support/pty.ts';

const folder = scratch();
const db = join(folder, 'completion.duckdb');
const bin = join(folder, 'bin');

beforeAll(async () => {
  mkdirSync(bin);
  symlinkSync(resolve('bin/wattduck.js'), join(bin, 'wattduck'));
  writeFileSync(join(folder, 'exports.csv'), '');
  expect((await wattduck(['ingest', 'fixtures/sites.csv', 'fixtures/customer_segments.csv', '--db', db])).status).toBe(
    0,
  );
});

/** How to start each shell without the user's files, and how it loads the completion. */
const shells = {
  bash: { start: 'bash --norc --noprofile -i', load: "source <(wattduck completion bash); PS1='rea''dy> '" },
  zsh: {
    start: 'zsh -f -i',
    load: "bindkey -e; autoload -U compinit; compinit -u -D; source <(wattduck completion zsh); PROMPT='rea''dy> '",
  },
  fish: {
    start: 'fish --no-config -i',
    load: "wattduck completion fish | source; function fish_prompt; echo -n 'rea''dy> '; end",
  },
} as const;

/** The words of a line after a tab key at its end: the shell prints them instead of running the program. */
async function completedWords({ start, load }: { start: string; load: string }, line: string): Promise<string[]> {
  const child = spawn('script', ['-qec', `sh -c 'stty cols 200; exec ${start}'`, '/dev/null'], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      HOME: folder,
      TERM: 'xterm',
      WATTDUCK_DB: db,
    },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (screen += text));
  const waitFor = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(screen);
      if (match) return match;
      await once(child.stdout, 'data');
    }
  };
  try {
    child.stdin.write(`${load}\r`);
    await waitFor(/ready> /);
    // Ctrl-A goes to the start of the line, Ctrl-E to its end.
    child.stdin.write(`${line}\t\u0001printf '<%s>' \u0005 end\r`);
    const [, words] = await waitFor(/<wattduck>((?:<[^>]*>)*?)<end>/);
    return words!.slice(1, -1).split('><');
  } finally {
    child.kill('SIGKILL');
  }
}

describe.each(Object.entries(shells))('%s', (name, shell) => {
  const isInstalled = spawnSync(name, ['-c', 'true']).status === 0;
  const reason = isInstalled ? noPty : `${name} is not installed`;

  test.skipIf(!isInstalled || !hasPty)(
    `completes words${isInstalled && hasPty ? '' : `: skipped, ${reason}`}`,
    async () => {
      for (const [line, words] of [
        ['wattduck rep', ['report']],
        ['wattduck report revenue-su', ['report', 'revenue-summary']],
        ['wattduck report energy-trends --gran', ['report', 'energy-trends', '--granularity']],
        ['wattduck report energy-trends --granularity w', ['report', 'energy-trends', '--granularity', 'week']],
        ['wattduck report energy-trends --granularity=w', ['report', 'energy-trends', '--granularity=week']],
        [
          'wattduck report energy-trends --columns period,session',
          ['report', 'energy-trends', '--columns', 'period,session_count'],
        ],
        ['wattduck report charging-events site_12', ['report', 'charging-events', 'site_12']],
        ['wattduck report segment-customers Win', ['report', 'segment-customers', 'Window Shoppers']],
        ['wattduck report segment-customers "Big B', ['report', 'segment-customers', 'Big Baskets']],
        ['wattduck ingest exp', ['ingest', 'exports.csv']],
      ] as const)
        expect([line, await completedWords(shell, line)]).toEqual([line, words]);
    },
  );
});
