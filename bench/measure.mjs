import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export const n = (value) => value.toLocaleString('en-US');

export const line = (what, { ours, floor, ratio }) =>
  console.log(`${what.padEnd(56)} ${ours.toFixed(0).padStart(7)} ms ${floor.toFixed(0).padStart(7)} ms   ${ratio.toFixed(2)}`);

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

/** Stops where two programs do not print the same rows: numbers may differ in the tenth digit, names and order of columns are the writer's. */
export function sameRows(ours, floor) {
  const [a, b] = [ours, floor].map((args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return stdout.split('\n').filter(Boolean).map((line) => Object.values(JSON.parse(line)).map(plain).join('|'));
  });
  const at = a.findIndex((row, index) => row !== b[index]);
  if (at >= 0 || a.length !== b.length) throw new Error(`${ours.join(' ')}\n${a.length} rows, by hand ${b.length}; row ${at}:\n${a[at]}\n${b[at]}`);
}

const plain = (cell) => (typeof cell !== 'boolean' && cell !== null && cell !== '' && Number.isFinite(Number(cell)) ? Number(Number(cell).toPrecision(9)) : String(cell));

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
  return new Promise((done) => child.on('exit', () => {
    clearInterval(look);
    done(Math.round(most / 1024));
  }));
}
