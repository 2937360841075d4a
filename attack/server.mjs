// The server under attack: the built program, in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const program = 'bin/wattduck.js';

export function wattduck(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`wattduck ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Starts `wattduck serve`; resolves once it says where it listens. */
export function startServer(db, ...args) {
  const child = spawn(process.execPath, [program, 'serve', '--db', db, '--port', '0', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (piece) => {
      output += piece;
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port) resolve({ port: Number(port), pid: child.pid, ended, output: () => output, stop: () => (child.kill(), ended), isRunning: () => child.exitCode === null && child.signalCode === null });
    });
    void ended.then(() => reject(new Error(output)));
  });
}

/** Memory in MB: the most it ever was; and what is open now. Linux only. */
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

/** Files of `after` that `before` had fewer of, sockets and pipes by their kind alone. */
export function opened(before, after) {
  const kinds = (files) => Map.groupBy?.(files, kindOf) ?? files.reduce((map, file) => map.set(kindOf(file), [...(map.get(kindOf(file)) ?? []), file]), new Map());
  const known = kinds(before);
  return [...kinds(after)].flatMap(([kind, files]) => {
    const more = files.length - (known.get(kind)?.length ?? 0);
    return more > 0 ? [`${more} × ${kind}`] : [];
  });
}

const kindOf = (file) => file.replace(/:\[\d+\]$/, '');
