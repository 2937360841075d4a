import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isLoopback } from '../../../src/server/access/host.ts';
import { listenOnFreePort, sendRaw } from '../../support/http-client.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

const sqlDirs = [
  writeReports({
    large: { columns: ['n'], sql: 'select n from (select unnest(range(3000000)) as n) as numbers' },
  }),
];
const { app, stderrText } = await startInProcessServer({ sqlDirs });
const port = await listenOnFreePort(app);

interface Heard {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The only response in the bytes a server sent. */
function heard(text: string): Heard {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: text.slice(end + 4) };
}
const ask = async (bytes: string | Buffer): Promise<Heard> => heard(await sendRaw(port, bytes));
const request = (first: string, ...lines: string[]): string =>
  [first, ...lines, 'Connection: close', '', ''].join('\r\n');

describe('the Host header', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    'LocalHost:8787',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.9.8.7:8787',
    '[::1]',
    '[::1]:8787',
    'localhost:1',
  ])('%s is this machine', async (host) => {
    expect((await ask(request('GET /healthz HTTP/1.1', `Host: ${host}`))).status).toBe(200);
  });

  test.each([
    'evil.example',
    'localhost.evil.example:8787',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '[::2]:8787',
    '127.0.0.1@evil.example',
    'x:localhost',
    '2130706433',
    '[::ffff:10.0.0.1]',
  ])('%s is not', async (host) => {
    const { status, body } = await ask(request('GET /healthz HTTP/1.1', `Host: ${host}`));
    const name = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':')[0]!;
    expect([status, JSON.parse(body)]).toEqual([
      403,
      {
        error: {
          code: 'wrong_host',
          message: `the request is for host ${name}, not for this machine`,
          hint: 'Use 127.0.0.1 or localhost.',
        },
      },
    ]);
  });

  test('the header is required', async () => {
    for (const version of ['1.1', '1.0']) {
      const { status, headers, body } = await ask(request(`GET /v0/pipes/large.json HTTP/${version}`));
      expect([status, headers['x-content-type-options'], JSON.parse(body)]).toEqual([
        400,
        'nosniff',
        { error: 'the request has no Host header', documentation: '/docs' },
      ]);
    }
    expect((await ask(request('GET /healthz HTTP/1.1', 'Host:'))).status).toBe(403);
  });

  test('a public server accepts any host name, and HTTP/1.0 without one', async () => {
    const open = await startInProcessServer({ host: '0.0.0.0' });
    const other = await listenOnFreePort(open.app);
    const say = async (...lines: string[]): Promise<number> =>
      heard(await sendRaw(other, request(...(lines as [string])))).status;
    expect(await say('GET /healthz HTTP/1.1', 'Host: charging.example')).toBe(200);
    expect(await say('GET /healthz HTTP/1.0')).toBe(200);
    expect(await say('GET /healthz HTTP/1.1')).toBe(400);
  });

  test.each([
    'localhost:evil',
    '127.0.0.1:evil',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:80:80',
    '[::1]:',
    '[::1]:x',
    '127.0.0.1:8787.evil.example',
    '127.0.0.1:1e3',
  ])('%s has an invalid port', async (host) => {
    const { status, body } = await ask(request('GET /healthz HTTP/1.1', `Host: ${host}`));
    const port = host.slice(host.indexOf(']') + 1).replace(/^[^:]*:/, '');
    expect([status, JSON.parse(body)]).toEqual([
      400,
      {
        error: {
          code: 'invalid_host_port',
          message: `invalid port "${port}" in the Host header`,
          hint: 'Expected a number from 1 to 65535.',
        },
      },
    ]);
  });

  test.each(['[::ffff:127.0.0.1]', '[::ffff:7f00:1]:8787', '[0:0:0:0:0:0:0:1]', '127.255.255.254'])(
    '%s is this machine, however it is written',
    async (host) => {
      expect((await ask(request('GET /healthz HTTP/1.1', `Host: ${host}`))).status).toBe(200);
    },
  );

  test.each([
    '127.999.999.999',
    '127.1',
    '127.0.0.1.',
    '127.0.0.01',
    '0x7f000001',
    '127.0.0.256',
    'localhost.',
    'localhost.evil.com',
    '[127.0.0.1]',
    '[::1',
    '[::1]evil',
    '[::1]evil:8787',
    '[localhost]',
    '::1',
    '[::127.0.0.1]',
    '[::]',
    '%31',
  ])('%s is none', async (host) => {
    expect((await ask(request('GET /healthz HTTP/1.1', `Host: ${host}`))).status).toBe(403);
  });

  test('two Host headers are rejected', async () => {
    for (const hosts of [
      ['localhost', 'evil.example'],
      ['evil.example', 'localhost'],
      ['localhost', 'localhost'],
    ]) {
      const { status, body } = await ask(request('GET /healthz HTTP/1.1', ...hosts.map((host) => `Host: ${host}`)));
      expect([status, JSON.parse(body)]).toMatchObject([
        400,
        { error: { message: 'the request has more than one Host header' } },
      ]);
    }
  });

  test('only addresses of this machine are accepted', () =>
    expect(['localhost', '127.0.0.1', '::1', '0.0.0.0', '10.0.0.1', '::', ''].map(isLoopback)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]));

  test.each([
    ['LOCALHOST', true],
    ['::ffff:127.0.0.1', true],
    ['127.1', false],
    ['127.999.999.999', false],
    ['localhost.', false],
    ['localhost.evil.com', false],
    ['127.0.0.1:80', false],
    [' 127.0.0.1', false],
    ['127.0.0.1\n', false],
    ['localhost\n', false],
    ['::ffff:0.0.0.0', false],
    ['lo\u017Fcalhost', false],
    ['loca\u217Chost', false],
  ])('a server on %j is local: %s', (host, isLocal) => expect(isLoopback(host)).toBe(isLocal));
});

test('a request with an absolute URL is one for its path, and so are its errors', async () => {
  expect((await ask(request('GET http://127.0.0.1/healthz HTTP/1.1', 'Host: localhost'))).status).toBe(200);
  expect(
    JSON.parse((await ask(request('GET http://127.0.0.1/v0/pipes/x.json HTTP/1.1', 'Host: localhost'))).body),
  ).toEqual({ error: "The pipe 'x' does not exist", documentation: '/docs' });
});

const host = 'Host: localhost';
const form = 'Content-Type: application/x-www-form-urlencoded';

test.each<[name: string, bytes: string, status: number]>([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['nothing but blank lines and a NUL', '\r\n\0\r\n\r\n', 400],
  ['a blank in the URL', request('GET /v0/pipes/get_sessions.json?user_id=a b HTTP/1.1', host), 400],
  ['a URL that begins with no slash', request('GET healthz HTTP/1.1', host), 400],
  ['a control character in the URL', request('GET /healthz\x01 HTTP/1.1', host), 400],
  ['a byte beyond ASCII in the URL', request('GET /nothing\xff HTTP/1.1', host), 400],
  ['another version', request('GET /healthz HTTP/9.9', host), 400],
  ['an unknown method', request('FETCH /healthz HTTP/1.1', host), 400],
  ['a method nobody takes', request('PROPFIND /healthz HTTP/1.1', host), 405],
  ['a tunnel', request('CONNECT evil.example:443 HTTP/1.1', host), 400],
  ['a header without a colon', request('GET /healthz HTTP/1.1', host, 'Odd'), 400],
  ['a header with a control character', request('GET /healthz HTTP/1.1', host, 'X: a\x00b'), 400],
  ['a folded header', request('GET /healthz HTTP/1.1', host, 'X: a', ' b: c\x01'), 400],
  [
    'two lengths',
    request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Content-Length: 1', 'Content-Length: 2'),
    400,
  ],
  [
    'a length and chunks',
    `${request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    400,
  ],
  [
    'a length that is no number',
    request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Content-Length: many'),
    400,
  ],
  ['a negative length', request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Content-Length: -1'), 400],
  [
    'a chunk of no size',
    `${request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Transfer-Encoding: chunked')}zz\r\n`,
    400,
  ],
  [
    'an unknown way of transfer',
    request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Transfer-Encoding: odd'),
    400,
  ],
  [
    'a length beyond all bounds',
    request('POST /v0/pipes/get_sessions.json HTTP/1.1', host, form, 'Content-Length: 99999999999'),
    413,
  ],
  ['more headers than fit', request('GET /healthz HTTP/1.1', host, `X: ${'x'.repeat(100_000)}`), 431],
  ['a URL longer than fits', request(`GET /healthz?x=${'x'.repeat(100_000)} HTTP/1.1`, host), 431],
])('%s is answered as JSON, with %#', async (_, bytes, status) => {
  const answer = await ask(Buffer.from(bytes, 'latin1'));
  expect([answer.status, answer.headers['content-type'], answer.headers['x-content-type-options']]).toEqual([
    status,
    'application/json; charset=utf-8',
    'nosniff',
  ]);
  expect(JSON.parse(answer.body)).toEqual(expect.objectContaining({ error: expect.anything() }));
  expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)));
});

test.each([
  ['two lengths', ['Content-Length: 6', 'Content-Length: 5']],
  ['the same length twice', ['Content-Length: 6', 'Content-Length: 6']],
  ['two lengths in one header', ['Content-Length: 6, 5']],
  ['a length and chunks', ['Content-Length: 6', 'Transfer-Encoding: chunked']],
  ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 6']],
  ['chunks in chunks', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
  ['chunks that are not the last way', ['Transfer-Encoding: chunked, identity']],
  ['chunks after an unknown way', ['Transfer-Encoding: x', 'Transfer-Encoding: identity']],
  ['a blank before the colon', ['Transfer-Encoding : chunked']],
])(
  'a body with an ambiguous end closes the connection, and the bytes after it are not a request: %s',
  async (_, lines) => {
    const first = ['POST /v0/pipes/get_sessions.csv HTTP/1.1', host, form, ...lines, '', ''].join('\r\n');
    const answer = await sendRaw(port, `${first}0\r\n\r\n${request('GET /healthz HTTP/1.1', host)}`);
    expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  },
);

test('an Expect header other than 100-continue is ignored', async () => {
  expect((await ask(request('GET /healthz HTTP/1.1', host, 'Expect: the-unexpected'))).status).toBe(200);
  const [first, second] = (
    await sendRaw(
      port,
      `${request('POST /v0/pipes/get_sessions.csv HTTP/1.1', host, form, 'Expect: 100-continue', 'Content-Length: 7')}limit=1`,
    )
  ).split('\r\n\r\n');
  expect([first, second?.split('\r\n')[0]]).toEqual(['HTTP/1.1 100 Continue', 'HTTP/1.1 200 OK']);
});

test('an unsupported upgrade is ignored', async () => {
  expect(
    (
      await ask(
        ['GET /healthz HTTP/1.1', host, 'Connection: Upgrade, close', 'Upgrade: websocket', '', ''].join('\r\n'),
      )
    ).status,
  ).toBe(200);
});

test('pipelined requests are answered in order, without terminal output', async () => {
  const warnings: string[] = [];
  const hear = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', hear);
  const asked = Array.from(
    { length: 40 },
    (_, at) => `GET /v0/pipes/get_sessions.ndjson?limit=${at + 1} HTTP/1.1\r\n${host}\r\n\r\n`,
  ).join('');
  const answer = await sendRaw(port, asked + request('GET /healthz HTTP/1.1', host));
  expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(41);
  process.off('warning', hear);
  expect(warnings).toEqual([]);
});

test('garbage after a request whose response has begun cuts the response off, and is not mixed into it', async () => {
  const socket = connect({ port, host: '127.0.0.1' });
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => undefined);
  socket.write(`GET /v0/pipes/large.json?limit=3000000 HTTP/1.1\r\n${host}\r\n\r\n`);
  await once(socket, 'data');
  socket.write('nonsense\r\n\r\n');
  await once(socket, 'close');
  const text = Buffer.concat(parts).toString();
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(text).not.toContain('malformed HTTP request');
  // The last, empty chunk of a complete response is missing.
  expect(text.endsWith('\r\n0\r\n\r\n')).toBe(false);
});

test('OPTIONS * is answered', async () => expect((await ask(request('OPTIONS * HTTP/1.1', host))).status).toBe(204));

test('the server still answers, and has printed nothing', async () => {
  expect((await app.inject('/v0/pipes/large.json?limit=1')).statusCode).toBe(200);
  expect(stderrText()).toBe('');
});
