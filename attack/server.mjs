// The server under attack: the built program, in a separate process.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const program = 'bin/wattduck.js';

/** Runs a command. @returns its stdout */
export function wattduck(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`wattduck ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Starts `wattduck serve`; resolves once it listens. */
export function startServer(db, ...args) {
  const child = spawn(process.execPath, [program, 'serve', '--db', db, '--port', '0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (piece) => {
      output += piece;
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port)
        resolve({
          port: Number(port),
          pid: child.pid,
          ended,
          output: () => output,
          stop: () => (child.kill(), ended),
          isRunning: () => child.exitCode === null && child.signalCode === null,
        });
    });
    void ended.then(() => reject(new Error(output)));
  });
}

/** Peak memory in MB, and open files. Linux only. */
export function usageOf(pid) {
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return { peak, files };
}

/** Files open `after` but not `before`; sockets and pipes are compared by kind. */
export function opened(before, after) {
  const left = before.map(kindOf);
  return after.map(kindOf).filter((kind) => {
    const place = left.indexOf(kind);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

const kindOf = (file) => file.replace(/:\[\d+\]$/, '');
