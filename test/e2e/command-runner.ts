import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';
import type { CliResult } from '../support/cli.ts';

/** Where a command runs: a folder below the runner's own, standard input, additional environment. */
export interface Surroundings {
  cwd?: string;
  stdin?: string;
  env?: NodeJS.ProcessEnv;
}

export type CommandRunner = (args: readonly string[], surroundings?: Surroundings) => Promise<CliResult>;

/** A process that runs commands of the built program in a folder, one after the other. */
export function startCommandRunner(folder: string): CommandRunner {
  const child = fork(resolve('test/e2e/command-runner.mjs'), {
    cwd: folder,
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  afterAll(() => void child.kill());
  return async (args, { cwd = '.', ...rest } = {}) => {
    child.send({ args, cwd: join(folder, cwd), ...rest });
    const [result] = (await once(child, 'message')) as [CliResult];
    return result;
  };
}
