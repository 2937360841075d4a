// Asks /healthz all the time, on a thread of its own, and reports how long answers took.
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const ask = () =>
  new Promise((resolve) => {
    const started = performance.now();
    const asked = request(
      { host: '127.0.0.1', port: workerData.port, path: '/healthz', agent: false, timeout: 20_000 },
      (answer) => {
        answer.resume().once('end', () => resolve({ status: answer.statusCode, ms: performance.now() - started }));
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', () => resolve({ status: 0, ms: performance.now() - started })).end();
  });

let isRunning = true;
parentPort.once('message', () => (isRunning = false));
const answers = [];
while (isRunning) {
  answers.push(await ask());
  await setTimeout(25);
}
const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
parentPort.postMessage({
  count: times.length,
  slowest: times.at(-1),
  p99: times[Math.floor(times.length * 0.99)],
  failed: answers.filter(({ status }) => status !== 200).length,
});
