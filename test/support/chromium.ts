import { spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { afterAll } from 'vitest';
import { scratch } from './cli.ts';
import { waitUntil } from './http-client.ts';

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
  /** Opens an address that may redirect or load itself again, and waits until an expression is true. */
  openUntil(url: string, expression: string): Promise<void>;
  /** Sets how pages are shown from now on. */
  emulate(view: View): Promise<void>;
  /** Presses a key, such as Tab, ArrowRight or Enter. */
  press(key: string): Promise<void>;
  /** A picture of the whole page, as PNG. */
  screenshot(): Promise<Buffer>;
  /** Addresses that the browser requested since the last call, besides those of its own parts. */
  requests(): string[];
}

/** How a page is shown. */
export interface View {
  /** Width in pixels. */
  width?: number;
  isDark?: boolean;
  isPrint?: boolean;
  /** Whether scripts of pages run. */
  hasScripts?: boolean;
}

/** Codes of keys, for the browser. */
const keyCodes: Record<string, number> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowRight: 39,
};

/** Starts Chromium with one page, over the DevTools protocol on pipes; closed after the test file. */
export async function startChromium(): Promise<Page> {
  const child = spawn(chromium!, [...flags, `--user-data-dir=${scratch()}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const pending = new Map<number, (message: Message) => void>();
  const loadListeners = new Set<() => void>();
  const requested: string[] = [];
  let [lastId, buffer] = [0, ''];
  output.setEncoding('utf8').on('data', (part: string) => {
    const messages = (buffer + part).split('\0');
    buffer = messages.pop()!;
    for (const message of messages.map((each) => JSON.parse(each) as Message)) {
      if (message.method === 'Network.requestWillBeSent')
        requested.push((message.params as { request: { url: string } }).request.url);
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
  await send('Network.enable', {}, sessionId);
  const isTrue = async (expression: string): Promise<boolean> => {
    // The page may be replaced while it is asked.
    const { result } = (await send('Runtime.evaluate', { expression, returnByValue: true }, sessionId).catch(
      () => ({}),
    )) as { result?: { value?: unknown } };
    return result?.value === true;
  };
  return {
    async openUntil(url, expression) {
      await send('Page.navigate', { url }, sessionId);
      await waitUntil(() => isTrue(expression));
    },
    async emulate({ width = 1240, isDark = false, isPrint = false, hasScripts = true }) {
      const size = { width, height: 900, deviceScaleFactor: 1, mobile: false };
      await send('Emulation.setDeviceMetricsOverride', size, sessionId);
      const features = [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }];
      await send('Emulation.setEmulatedMedia', { media: isPrint ? 'print' : 'screen', features }, sessionId);
      await send('Emulation.setScriptExecutionDisabled', { value: !hasScripts }, sessionId);
    },
    async press(key) {
      const event = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: keyCodes[key] };
      const text = key === 'Enter' ? { text: '\r' } : key === ' ' ? { text: ' ' } : {};
      await send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...text }, sessionId);
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...event }, sessionId);
    },
    async screenshot() {
      const options = { format: 'png', captureBeyondViewport: true };
      const { cssContentSize: size } = (await send('Page.getLayoutMetrics', {}, sessionId)) as {
        cssContentSize: { width: number; height: number };
      };
      const clip = { x: 0, y: 0, ...size, scale: 1 };
      const { data } = await send('Page.captureScreenshot', { ...options, clip }, sessionId);
      return Buffer.from(String(data), 'base64');
    },
    requests: () => requested.splice(0).filter((url) => !/^(data|chrome|about|blob):/.test(url)),
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
