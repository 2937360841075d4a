// Random requests to every documented route, with valid and invalid headers and bodies.

const nasty = [
  '',
  ' ',
  '0',
  '-1',
  '10',
  '1e400',
  '9223372036854775808',
  'NaN',
  'true',
  'null',
  '2025-12-01',
  '2025-02-30',
  '0000-01-01',
  '9999-12-31',
  '2025-03-30 02:30:00',
  'Europe/Berlin',
  'EUR',
  'day',
  'start',
  "'",
  "' or 1=1 --",
  '$1',
  '%',
  '\\',
  '\0',
  '\u001b[31m',
  '\r\nX: y',
  '\u202e',
  '\ufffe',
  'x'.repeat(3000),
  '../../etc/passwd',
  '{}',
  '[]',
  '__proto__',
  'constructor',
  'csv',
  'ndjson',
  'append',
  'replace',
  'charging_sessions',
  'sites',
  's[1].csv',
  'http://127.0.0.1/x',
  'toKens',
];
const bodies = [
  '',
  'x',
  '{',
  '[]',
  '{}',
  'null',
  '"x"',
  '[[[[',
  '{"note": "x"}',
  '{"note": 1',
  'a=b&c=d',
  'note=x',
  'site_id,site_name\nA1,Attack\n',
  '{"site_id":"A2","site_name":"Attack"}\n{"site_id":3}\n',
  '[{"site_id":"A4"}]',
  'site_id\n"unclosed',
  '{"site_id":"\ud800"}',
  '\0\0\0',
  '{"session_id":"a1","station_id":"A","start_time":"2025-01-01 10:00:00","energy_kwh":"lots"}',
  '--b\r\nContent-Disposition: form-data; name="csv"; filename="../../x.csv"\r\n\r\nsite_id,site_name\nA5,Attack\n\r\n--b--\r\n',
  '--b\r\nnonsense',
  `{"site_id":"${'x'.repeat(20_000)}"}`,
  '{"a":'.repeat(3000),
  "delete_condition=site_id = 'A1'",
  'delete_condition=1=1) or (1=1',
  "delete_condition=site_id like '%a%b%'&dry_run=true",
  'delete_condition=repeat(site_id, 100000000) > 1',
];
const types = [
  undefined,
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'application/x-ndjson',
  'text/plain',
  'text/csv',
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  'application/octet-stream',
  '',
  ';',
];
const otherMethods = ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];

/** @param routes result of `routesOf` @param tokens valid and invalid tokens @param statement creates SQL */
export function requests({ pick, chance, times }, routes, tokens, statement) {
  const value = (example) => (chance(0.8) ? example : pick(nasty));
  const target = () => {
    const { path, methods, parameters } = pick(routes);
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(value(parameters.find((parameter) => parameter.name === name)?.example ?? 'sites')),
    );
    const inQuery = parameters.filter(({ isInPath }) => !isInPath);
    const known = inQuery.filter(({ isRequired }) => chance(isRequired ? 0.95 : 0.15));
    const others = chance(0.1)
      ? times(2, () => ({
          name: pick(['x', '__proto__', 'limit[]', 'utm_x', 'token', 'from', 'q', 'name', 'wait']),
          example: '1',
        }))
      : [];
    const query = [...known, ...others]
      .map(({ name, example }) => `${encodeURIComponent(name)}=${encodeURIComponent(value(example))}`)
      .join('&');
    return {
      method: chance(0.85) ? pick(methods) : pick(otherMethods),
      path: `${filled}${chance(0.02) ? pick(['/', '//', '/x', '%2F', '%zz', '%00', '??']) : ''}${query === '' ? '' : `?${query}`}`,
    };
  };
  const headers = () => {
    const made = {
      'content-type': pick(types),
      'content-encoding': chance(0.05) ? pick(['gzip', 'odd', 'br']) : undefined,
      'if-none-match': chance(0.1) ? pick(['*', '"x"', 'W/"', ',,,']) : undefined,
      host: chance(0.03) ? pick(['evil.example', '127.0.0.1:evil', '127.999.999.999', '']) : undefined,
      origin: chance(0.05) ? pick(['null', 'http://evil.example', 'http://localhost:1', '']) : undefined,
      'sec-fetch-site': chance(0.05) ? pick(['cross-site', 'same-site', 'none', 'same-origin', 'odd']) : undefined,
      range: chance(0.02) ? 'bytes=0-1' : undefined,
      expect: chance(0.01) ? '100-continue' : undefined,
    };
    const token = pick(tokens);
    if (token !== undefined) made[pick(['authorization', 'x-api-key'])] = token;
    if (made.authorization !== undefined && chance(0.9)) made.authorization = `Bearer ${made.authorization}`;
    return Object.fromEntries(Object.entries(made).filter(([, text]) => text !== undefined));
  };
  return () => {
    if (chance(0.3)) {
      const text = statement();
      const inUrl = chance(0.5) && text.length < 4000;
      return inUrl
        ? {
            method: 'GET',
            path: `/v0/sql?q=${encodeURIComponent(text.toWellFormed?.() ?? text.replaceAll(/[\ud800-\udfff]/g, ''))}`,
            headers: headers(),
          }
        : { method: 'POST', path: '/v0/sql', headers: { ...headers(), 'content-type': 'text/plain' }, body: text };
    }
    const { method, path } = target();
    return {
      method,
      path,
      headers: headers(),
      body:
        ['GET', 'HEAD', 'TRACE'].includes(method) && chance(0.95)
          ? undefined
          : chance(0.05)
            ? statement()
            : pick(bodies),
    };
  };
}
