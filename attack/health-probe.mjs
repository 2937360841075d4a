// Polls /healthz from a separate thread, and reports the response times.
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const ask = () =>
  new Promise((resolve) => {
    const started = performance.now();
    const sent = request(
      { host: '127.0.0.1', port: workerData.port, path: '/healthz', agent: false, timeout: 20_000 },
      (response) => {
        response.resume().once('end', () => resolve({ status: response.statusCode, ms: performance.now() - started }));
      },
    );
    sent.once('timeout', () => sent.destroy(new Error('no response')));
    sent.once('error', () => resolve({ status: 0, ms: performance.now() - started })).end();
  });

let isRunning = true;
parentPort.once('message', () => (isRunning = false));
const responses = [];
while (isRunning) {
  responses.push(await ask());
  await setTimeout(25);
}
const times = responses.map(({ ms }) => ms).toSorted((a, b) => a - b);
parentPort.postMessage({
  count: times.length,
  slowest: times.at(-1),
  p99: times[Math.floor(times.length * 0.99)],
  failed: responses.filter(({ status }) => status !== 200).length,
});
