#!/usr/bin/env node
// Each running query holds a thread of this pool; four would let heavy ones starve the rest.
process.env.UV_THREADPOOL_SIZE ??= '16';

// `wattduck report | head` closes the pipe early: no error.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`error: standard output: ${error.message}\n`);
  process.exit(1);
});

const { keepNewFilesPrivate, main } = await import('../dist/main.js');
keepNewFilesPrivate();
process.exitCode = await main(process.argv.slice(2));
