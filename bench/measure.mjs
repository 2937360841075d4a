import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export const n = (value) => value.toLocaleString('en-US');

export const line = (what, { ours, floor, ratio }) =>
  console.log(
    `${what.padEnd(56)} ${ours.toFixed(0).padStart(7)} ms ${floor.toFixed(0).padStart(7)} ms   ${ratio.toFixed(2)}`,
  );

/** Wall time of a process in milliseconds. */
export function time(command, args) {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  const spent = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return spent;
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs wattduck and the baseline in turn, so that load affects both; returns the medians without the first pair. */
export function compare(ours, floor, runs) {
  const pairs = Array.from({ length: runs + 1 }, () => {
    ours.before?.();
    const a = time(process.execPath, ours.args);
    floor.before?.();
    return { ours: a, floor: time(process.execPath, floor.args) };
  }).slice(1);
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    floor: median(pairs.map((pair) => pair.floor)),
    ratio: median(pairs.map((pair) => pair.ours / pair.floor)),
  };
}

/** Peak memory of a process in MB. Linux only. */
export function peak(args) {
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  let most = 0;
  const look = setInterval(() => {
    try {
      most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {
      // Not Linux, or the process has just ended.
    }
  }, 20);
  return new Promise((done) =>
    child.on('exit', () => {
      clearInterval(look);
      done(Math.round(most / 1024));
    }),
  );
}
