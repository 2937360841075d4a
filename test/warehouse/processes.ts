import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll } from 'vitest';
import { WattduckError } from '../../src/errors/wattduck-error.ts';

/** Another process that opens the database file, runs the statements, and holds it until it is killed. */
export async function holdDatabase(db: string, statements: readonly string[] = []): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
    const connection = await (await DuckDBInstance.create(${JSON.stringify(db)})).connect();
    for (const sql of ${JSON.stringify(statements)}) await connection.run(sql);
    console.log('ready');
    setInterval(() => connection, 1000);
  })`,
    ],
    { cwd: resolve('.'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  afterAll(() => void child.kill('SIGKILL'));
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('the other process ended early');
    }),
  ]);
  return child;
}

/** Same as kill -9: no checkpoint, nothing flushed. */
export async function killProcess(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Kind and full message of an expected failure. */
export async function expectedError(work: Promise<unknown>): Promise<{ kind: string; line: string }> {
  try {
    await work;
  } catch (error) {
    return error instanceof WattduckError
      ? { kind: error.kind, line: error.fullMessage }
      : { kind: 'unexpected', line: String(error) };
  }
  return { kind: 'none', line: '' };
}
