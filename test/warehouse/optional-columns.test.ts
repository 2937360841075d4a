import { describe, expect, test } from 'vitest';
import { toDocument } from '../../src/reports/document.ts';
import { answerSchema, rowSchema } from '../../src/server/openapi/schemas.ts';
import { createReportRunner } from './report-runner.ts';

/** Sessions with an optional user and an optional place. */
const report = (answer: string): string => `/*---
title: T
description: D.
columns:
  asked: { description: A }
  user_id: { description: U, optional: true }
  place: { description: P, optional: true }
  session_id: { description: S }
  kwh: { description: K, nullable: true }
key: [session_id]
sort: { default: session_id, allow: [] }
page: { kind: none }
answer: { ${answer} }
---*/
select 7 as asked, user_id, location as place, session_id, energy_kwh as kwh from charging_sessions
`;
const own = await createReportRunner({
  listed: report('shape: list'),
  piped: report('shape: tinybird'),
  one: report('shape: object'),
  with_list: report('shape: object, list: { key: sessions, columns: [user_id, place, session_id, kwh] }'),
  with_nest: report('shape: object, nest: { who: { id: user_id, at: place }, what: { kwh: kwh } }'),
});
await own.insertSessions([
  { session_id: 'a', user_id: 'ann', energy_kwh: 1 },
  { session_id: 'b', location: 'Quay' },
]);
const documentOf = async (name: string): Promise<string> => JSON.stringify(toDocument(await own.run(name)));

describe('an optional column that is null', () => {
  test('is omitted from the rows of a list; a nullable column is not', async () => {
    expect(await documentOf('listed')).toBe(
      '{"data":[{"asked":7,"user_id":"ann","session_id":"a","kwh":1},{"asked":7,"place":"Quay","session_id":"b","kwh":null}]}',
    );
  });

  test('is omitted from an object, its lists and nested objects', async () => {
    expect(await documentOf('one')).toBe('{"asked":7,"user_id":"ann","session_id":"a","kwh":1}');
    // A row is listed if its first required column is not null.
    expect(await documentOf('with_list')).toBe(
      '{"asked":7,"sessions":[{"user_id":"ann","session_id":"a","kwh":1},{"place":"Quay","session_id":"b","kwh":null}]}',
    );
    expect(await documentOf('with_nest')).toBe('{"asked":7,"who":{"id":"ann"},"session_id":"a","what":{"kwh":1}}');
  });

  test('stays in the response of a pipe', async () => {
    expect(toDocument(await own.run('piped'))['data']).toEqual([
      { asked: 7, user_id: 'ann', place: null, session_id: 'a', kwh: 1 },
      { asked: 7, user_id: null, place: 'Quay', session_id: 'b', kwh: null },
    ]);
  });
});

test('is described as optional, except for pipes', async () => {
  const required = async (name: string): Promise<unknown> =>
    (answerSchema(await own.report(name), {}) as { required: string[] }).required;
  type Schema = { required: string[]; properties: Record<string, Schema & { items: Schema; type: unknown }> };
  expect(await required('one')).toEqual(['asked', 'session_id', 'kwh']);
  expect((answerSchema(await own.report('listed'), {}) as Schema).properties['data']!.items.required).toEqual([
    'asked',
    'session_id',
    'kwh',
  ]);
  expect((answerSchema(await own.report('with_list'), {}) as Schema).properties['sessions']!.items.required).toEqual([
    'session_id',
    'kwh',
  ]);
  const nested = answerSchema(await own.report('with_nest'), {}) as Schema;
  expect([nested.required, nested.properties['who']!.required]).toEqual([
    ['asked', 'who', 'session_id', 'what'],
    undefined,
  ]);
  const row = rowSchema(await own.report('piped'), true) as Schema;
  expect([row.required, row.properties['user_id']!.type]).toEqual([
    ['asked', 'user_id', 'place', 'session_id', 'kwh'],
    ['string', 'null'],
  ]);
});
