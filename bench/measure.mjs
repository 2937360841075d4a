import { spawnSync } from 'node:child_process';

/** Wall time of one whole process, in milliseconds. */
function time(command, args) {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  const spent = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return spent;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

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
