import { expect, test } from 'vitest';
import { listenOnFreePort, sendRaw } from '../../support/http-client.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const { app, stderrText } = await startInProcessServer({ cors: ['https://dash.example'] });
const port = await listenOnFreePort(app);

const evil = 'zqx%0d%0aX-Zqx:%201%0d%0a%0d%0azqx';
const paths = [
  '/',
  `/${evil}`,
  `/v0/pipes/${evil}.json`,
  `/v0/datasources/${evil}`,
  `/v0/datasources/${evil}/truncate`,
  `/v0/jobs/${evil}`,
  `/charging-events/site/${evil}?from=2025-01-01&to=2025-01-02`,
  `/api/v1/analytics/issues/${evil}/acknowledge`,
  `/v0/events?name=${evil}`,
  `/v0/events?name=sites&format=${evil}`,
  `/v0/datasources?name=sites&mode=${evil}`,
  `/v0/sql?q=select+'${evil}'`,
  `/v0/sql?q=select+1+as+"${evil}"`,
  `/v0/pipes/ingests.json?token=${evil}`,
  `/v0/pipes/ingests.json?${evil}=1`,
  `/docs/${evil}`,
  `/docs/init.js?v=${evil}`,
];
const headers = [
  'If-None-Match: "zqx"',
  'Accept: zqx/zqx',
  'Access-Control-Request-Method: zqx',
  'Access-Control-Request-Headers: zqx',
  'X-API-Key: zqx',
  'Content-Type: zqx/zqx',
  'Content-Encoding: zqx',
  'Range: zqx',
  'X-Forwarded-Host: zqx',
  'X-Request-Id: zqx',
  'User-Agent: zqx',
];
const origins = ['https://dash.example', 'https://zqx.example', 'zqx'];

test.each(['GET', 'POST', 'OPTIONS', 'PUT', 'TRACE'])(
  'no header of an answer to %s repeats what a client sent, split or whole',
  async (method) => {
    const seen = new Set<string>();
    for (const path of paths) {
      for (const origin of [undefined, ...origins]) {
        const lines = [
          `${method} ${path.replaceAll(' ', '%20').replaceAll('"', '%22')} HTTP/1.1`,
          'Host: localhost',
          'Connection: close',
          ...(origin === undefined ? [] : [`Origin: ${origin}`]),
          ...headers,
          'Content-Length: 2',
          '',
          '{}',
        ];
        const answer = await sendRaw(port, lines.join('\r\n'));
        const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
        seen.add(head.split('\r\n')[0]!);
        expect([path, origin, head.toLowerCase().includes('zqx'), answer.match(/HTTP\/1\.1 \d/g)?.length]).toEqual([
          path,
          origin,
          false,
          1,
        ]);
      }
    }
    expect(seen).toContain('HTTP/1.1 403 Forbidden');
    expect(seen).not.toContain('HTTP/1.1 500 Internal Server Error');
  },
);

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
