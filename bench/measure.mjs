import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export const n = (value) => value.toLocaleString('en-US');

export const line = (what, { ours, floor, ratio }) =>
  console.log(
    `${what.padEnd(56)} ${ours.toFixed(0).padStart(7)} ms ${floor.toFixed(0).padStart(7)} ms   ${ratio.toFixed(2)}`,
  );

/** Wall time of one whole process, in milliseconds. */
export function time(command, args) {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  const spent = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return spent;
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs ours and the floor in turn, so that a drift of the machine meets both; answers the medians, the first pair left out. */
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

/** The most memory one whole process held, in MB, as Linux counts it; nothing elsewhere. */
export function peak(args) {
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  let most = 0;
  const look = setInterval(() => {
    try {
      most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {
      // Another system, or the process has just ended.
    }
  }, 20);
  return new Promise((done) =>
    child.on('exit', () => {
      clearInterval(look);
      done(Math.round(most / 1024));
    }),
  );
}
