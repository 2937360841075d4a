import { spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { afterAll } from 'vitest';
import { scratch } from './cli.ts';

/** Path of Chromium; undefined if it is not installed. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--remote-debugging-pipe',
];

interface Message {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A browser page. */
export interface Page {
  /** Opens an address and waits until the page is loaded. */
  open(url: string): Promise<void>;
  /** Evaluates an expression in the page and returns its result, awaited if it is a promise. */
  evaluate(expression: string): Promise<unknown>;
}

/** Starts Chromium with one page, over the DevTools protocol on pipes; closed after the test file. */
export async function startChromium(): Promise<Page> {
  const child = spawn(chromium!, [...flags, `--user-data-dir=${scratch()}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const pending = new Map<number, (message: Message) => void>();
  const loadListeners = new Set<() => void>();
  let [lastId, buffer] = [0, ''];
  output.setEncoding('utf8').on('data', (part: string) => {
    const messages = (buffer + part).split('\0');
    buffer = messages.pop()!;
    for (const message of messages.map((each) => JSON.parse(each) as Message)) {
      if (message.method === 'Page.loadEventFired') for (const notify of loadListeners) notify();
      if (message.id !== undefined) pending.get(message.id)?.(message);
    }
  });
  input.on('error', () => undefined);
  const ended = new Promise<void>((end) => child.once('exit', () => end()));
  const send = (method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> => {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      pending.set(id, ({ error, result = {} }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      );
      void ended.then(() => reject(new Error(`${method}: Chromium has ended`)));
    });
    input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    return answer;
  };
  afterAll(async () => {
    const killTimer = setTimeout(() => void process.kill(-child.pid!, 'SIGKILL'), 5000);
    await send('Browser.close').catch(() => undefined);
    await ended;
    clearTimeout(killTimer);
  });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = (await send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
  await send('Page.enable', {}, sessionId);
  return {
    async open(url) {
      const load = new Promise<void>((resolve) => loadListeners.add(resolve));
      await send('Page.navigate', { url }, sessionId);
      await load;
      loadListeners.clear();
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = (await send(
        'Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true },
        sessionId,
      )) as {
        result: { value?: unknown };
        exceptionDetails?: { exception?: { description?: string } };
      };
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'the expression failed');
      return result.value;
    },
  };
}
