import { expect, test } from 'vitest';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { longValues, repeatsTooMuch } from '../../support/long-values.ts';

type Asked = { method?: 'GET' | 'POST' | 'DELETE'; url: string; headers?: Record<string, string>; payload?: string };

const { app, routes, stderrText } = await startInProcessServer({ files: ['fixtures/sessions-2024.csv'] });

async function look(asked: Asked, pattern: string): Promise<number> {
  const answer = await app.inject(asked);
  const where = `${asked.method ?? 'GET'} ${String(asked.url).slice(0, 60)} ${Object.keys(asked.headers ?? {}).join()}`;
  expect([
    where,
    answer.statusCode < 500,
    repeatsTooMuch(`${JSON.stringify(answer.headers)}\n${answer.statusCode < 400 ? '' : answer.body}`, pattern),
  ]).toEqual([where, true, false]);
  if (answer.statusCode >= 400) expect(answer.body.length).toBeLessThan(5000);
  return answer.statusCode;
}

test('values in the path, the query and forms of every route', async () => {
  let refused = 0;
  // A sample of the pipes: all read parameters the same way.
  for (const [n, [route, methods]] of [...routes]
    .filter(([path], at) => at % 3 === 0 || !path.includes('pipes'))
    .entries()) {
    const { pattern, value } = longValues[n % longValues.length]!;
    const encoded = encodeURIComponent(value);
    const path = route.replaceAll(/:\w+|\*/g, 'x');
    const names = [
      'limit',
      'from',
      'sort',
      'currency',
      'token',
      'q',
      'name',
      'mode',
      'format',
      'dialect_delimiter',
      'delete_condition',
      'horizons',
      'take',
      value,
    ].map((name) => [name, encodeURIComponent(name)] as const);
    for (const method of (['GET', 'POST', 'DELETE'] as const).filter((each) => methods.has(each))) {
      const [, name] = names[(n * 5) % names.length]!;
      for (const each of [name, encodeURIComponent(value)])
        if ((await look({ method, url: `${path}?${each}=${encoded}` }, pattern)) >= 400) refused += 1;
      if (route.includes(':')) await look({ method, url: route.replaceAll(/:\w+|\*/g, encoded) }, pattern);
      if (method === 'POST' && (n % 7 === 0 || !route.includes('pipes')))
        for (const type of [
          'application/x-www-form-urlencoded',
          'application/json',
          'text/csv',
          'text/plain',
          value.replaceAll(/[^ -~]/g, 'x'),
        ])
          await look({ method, url: path, headers: { 'content-type': type }, payload: `${name}=${encoded}` }, pattern);
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('paths, methods and headers', async () => {
  for (const { pattern, value } of longValues) {
    const ascii = value.replaceAll(/[^ -~]/g, 'x');
    const shown = pattern.replaceAll(/[^ -~]/g, 'x');
    await look({ url: `/${encodeURIComponent(value)}` }, pattern);
    await look({ url: `/v0/pipes/${encodeURIComponent(value)}` }, pattern);
    await look({ url: `/v0/pipes/get_sessions.${encodeURIComponent(value)}` }, pattern);
    for (const name of [
      'host',
      'authorization',
      'x-api-key',
      'content-type',
      'content-encoding',
      'accept',
      'accept-encoding',
      'if-none-match',
      'origin',
      'referer',
      'user-agent',
      'cookie',
      'x-forwarded-for',
      'range',
    ]) {
      for (const url of ['/v0/pipes/get_sessions.json', '/', '/v0/sql?q=select+1', '/nowhere'])
        await look({ url, headers: { [name]: name === 'authorization' ? `Bearer ${ascii}` : ascii } }, shown);
      await look(
        { method: 'POST', url: '/v0/events?name=charging_sessions', headers: { [name]: ascii }, payload: '{}' },
        shown,
      );
    }
  }
});

test('statements and rows', async () => {
  for (const { pattern, value } of longValues) {
    const json = { 'content-type': 'application/json' };
    for (const q of [
      `select "${value.replaceAll('"', '')}"`,
      `select '${value.replaceAll("'", '')}'::int`,
      `select * from "${value.replaceAll('"', '')}"`,
      value,
      `select ${value}(1)`,
      `select 1 as a; ${value}`,
    ]) {
      await look({ method: 'POST', url: '/v0/sql', headers: json, payload: JSON.stringify({ q }) }, pattern);
    }
    await look({ method: 'POST', url: '/v0/sql', headers: json, payload: JSON.stringify({ [value]: 1 }) }, pattern);
    await look({ method: 'POST', url: '/v0/events?name=charging_sessions', payload: value }, pattern);
    await look(
      { method: 'POST', url: '/v0/events?name=charging_sessions', payload: JSON.stringify({ [value]: value }) },
      pattern,
    );
    await look(
      {
        method: 'POST',
        url: '/v0/datasources/charging_sessions/delete',
        headers: json,
        payload: JSON.stringify({ delete_condition: `session_id = ${value}` }),
      },
      pattern,
    );
  }
  expect(longValues.some(({ pattern }) => repeatsTooMuch(stderrText(), pattern))).toBe(false);
});
