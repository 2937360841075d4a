// Runs commands of the built program one after the other in one process: a start costs more than most commands.
import { Readable } from 'node:stream';
import { main } from '../../dist/main.js';

process.on('message', async ({ args, cwd, stdin, env }) => {
  process.chdir(cwd);
  const output = { stdout: '', stderr: '' };
  const stream = (name) => ({ write: (text) => void (output[name] += text), isTTY: false });
  const status = await main(args, {
    stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { ...process.env, ...env },
    cwd,
    now: () => new Date(),
  });
  process.send({ status, ...output });
});
