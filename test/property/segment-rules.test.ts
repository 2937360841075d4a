import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import { literal } from '../../src/warehouse/duckdb.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { openEngine } from '../support/duckdb.ts';
import { minCount, runs } from '../support/runs.ts';

type Value = number | string | null;
type Truth = boolean | null;
type Op = '<' | '<=' | '>' | '>=' | '=' | '<>' | '!=';
type Rule =
  | { op: Op; metric: string; value: string; isText: boolean }
  | { not: Rule }
  | { and: [Rule, Rule] }
  | { or: [Rule, Rule] };

const numbers = [
  'total_spent',
  'purchase_count',
  'order_count',
  'average_order_value',
  'session_count',
  'event_count',
  'days_since_first_event',
  'days_since_last_event',
  'days_since_last_purchase',
  'days_since_signup',
  'lifetime_value',
  'age',
];
const texts = ['country', 'city', 'gender'];
const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name };
const now = context.now.getTime();
const day = 86_400_000;

// Customers and their events.

interface Event {
  type: 'view' | 'purchase' | 'refund';
  /** Hours before now; later events must not count. */
  hours: number;
  visit: string | null;
  cents: number | null;
  quantity: number | null;
}

interface Customer {
  events: Event[];
  profile: {
    signup: number;
    cents: number | null;
    age: number | null;
    country: string | null;
    city: string | null;
    gender: string | null;
  } | null;
}

const names = ['DE', 'de', 'AT', "O'Fallon", 'Köln', ' and ', ')', ''];
const maybe = <T>(from: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(from, { freq: 3 });
const customer: fc.Arbitrary<Customer> = fc
  .record({
    events: fc.array(
      fc.record({
        type: fc.constantFrom('view', 'purchase', 'purchase', 'refund'),
        hours: fc.integer({ min: -30, max: 24 * 12 }),
        visit: maybe(fc.constantFrom('a', 'b', 'c')),
        cents: maybe(fc.integer({ min: 0, max: 12 }).map((each) => each * 50)),
        quantity: maybe(fc.integer({ min: -2, max: 4 })),
      }) as fc.Arbitrary<Event>,
      { maxLength: 6 },
    ),
    profile: maybe(
      fc.record({
        signup: fc.integer({ min: 0, max: 12 }),
        cents: maybe(fc.integer({ min: -4, max: 12 }).map((each) => each * 50)),
        age: maybe(fc.integer({ min: 0, max: 12 })),
        country: maybe(fc.constantFrom(...names)),
        city: maybe(fc.constantFrom(...names)),
        gender: maybe(fc.constantFrom(...names)),
      }),
    ),
  })
  // A customer with neither is unknown.
  .map((each) =>
    each.profile === null && each.events.length === 0
      ? { ...each, events: [{ type: 'view', hours: 1, visit: null, cents: null, quantity: null } as Event] }
      : each,
  );

/** Metrics by name; null if a customer has none. Undefined for an unknown customer. */
function metricsOf({ events, profile }: Customer): Record<string, Value> | undefined {
  const past = events.filter(({ hours }) => hours >= 0);
  if (past.length === 0 && profile === null) return undefined;
  const isRefund = ({ type, quantity }: Event): boolean =>
    type === 'refund' || (type === 'purchase' && quantity !== null && quantity < 0);
  const bought = past.filter((event) => event.type === 'purchase' && !isRefund(event));
  const amount = (event: Event): number => (event.cents ?? 0) * (event.quantity ?? 1);
  const spent =
    (bought.reduce((all, event) => all + amount(event), 0) -
      past.filter(isRefund).reduce((all, event) => all + Math.abs(amount(event)), 0)) /
    100;
  const orders = new Set(bought.map((event) => event.visit ?? event)).size;
  const days = (of: readonly Event[], pick: (...hours: number[]) => number): number | null =>
    of.length === 0 ? null : Math.floor(pick(...of.map(({ hours }) => hours)) / 24);
  return {
    total_spent: spent,
    purchase_count: bought.length,
    order_count: orders,
    average_order_value: orders === 0 ? null : spent / orders,
    session_count: new Set(past.map(({ visit }) => visit).filter((visit) => visit !== null)).size,
    event_count: past.length,
    days_since_first_event: days(past, Math.max),
    days_since_last_event: days(past, Math.min),
    days_since_last_purchase: days(bought, Math.min),
    days_since_signup: profile?.signup ?? null,
    lifetime_value: profile === null || profile.cents === null ? null : profile.cents / 100,
    age: profile?.age ?? null,
    country: profile?.country ?? null,
    city: profile?.city ?? null,
    gender: profile?.gender ?? null,
  };
}

// Rules, their spellings, and their results.

const comparison: fc.Arbitrary<Rule> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      metric: fc.constantFrom(...numbers),
      op: fc.constantFrom<Op>('<', '<=', '>', '>=', '=', '<>', '!='),
      isText: fc.constant(false),
      value: fc.oneof(
        fc.integer({ min: -2, max: 12 }).map(String),
        fc.integer({ min: 0, max: 24 }).map((half) => (half / 2).toFixed(2)),
        fc.constantFrom('007', '0.333333', '999999999999.999999', '-999999999999'),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      metric: fc.constantFrom(...texts),
      op: fc.constantFrom<Op>('=', '<>', '!='),
      isText: fc.constant(true),
      value: fc.constantFrom(...names),
    }),
  },
);
const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc.record({ not: tie('rule') }),
    fc.record({ and: fc.tuple(tie('rule'), tie('rule')) }),
    fc.record({ or: fc.tuple(tie('rule'), tie('rule')) }),
  ),
}));

/** Writes a rule with the fewest parentheses plus some random ones, in random case and spacing. */
function write(of: Rule, dice: () => number): string {
  const blank = (least: number): string =>
    Array.from(
      { length: least + (dice() % 3 === 0 ? dice() % 3 : 0) },
      () => [' ', ' ', '\n', '\t', '\r\n'][dice() % 5],
    ).join('');
  const word = (text: string): string =>
    [...text].map((letter) => (dice() % 4 === 0 ? letter.toUpperCase() : letter)).join('');
  const level = (each: Rule): number => ('or' in each ? 0 : 'and' in each ? 1 : 'not' in each ? 2 : 3);
  const within = (each: Rule, least: number): string =>
    level(each) < least || dice() % 6 === 0 ? `(${blank(0)}${plain(each)}${blank(0)})` : plain(each);
  const plain = (each: Rule): string => {
    if ('or' in each) return `${within(each.or[0], 0)}${blank(1)}${word('or')}${blank(1)}${within(each.or[1], 0)}`;
    if ('and' in each) return `${within(each.and[0], 1)}${blank(1)}${word('and')}${blank(1)}${within(each.and[1], 1)}`;
    if ('not' in each) return `${word('not')}${blank(1)}${within(each.not, 2)}`;
    // The parser reads !=- as one operator.
    return `${word(each.metric)}${blank(0)}${each.op}${blank(each.op === '!=' && each.value.startsWith('-') ? 1 : 0)}${each.isText ? literal(each.value) : each.value}`;
  };
  return plain(of);
}

function holds(of: Rule, metrics: Record<string, Value>): Truth {
  if ('not' in of) {
    const truth = holds(of.not, metrics);
    return truth === null ? null : !truth;
  }
  if ('and' in of || 'or' in of) {
    const decides = 'or' in of;
    const truths = ('or' in of ? of.or : of.and).map((each) => holds(each, metrics));
    return truths.includes(decides) ? decides : truths.includes(null) ? null : !decides;
  }
  const left = metrics[of.metric]!;
  if (left === null) return null;
  const right = of.isText ? of.value : Number(of.value);
  switch (of.op) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return left !== right;
  }
}

const { duckdb, catalog } = await openEngine();
const [customersOfSegment, suggestions] = [
  await catalog.report('segment_customers'),
  await catalog.report('customer_segmentation_suggestions'),
];

const cell = (value: Value): string => (typeof value === 'string' ? literal(value) : String(value));
const instant = (hours: number): string =>
  `timestamp '${new Date(now - hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')}'`;
const values = (table: string, columns: string, rows: readonly string[]): string[] => [
  `delete from ${table}`,
  ...(rows.length === 0 ? [] : [`insert into ${table} (${columns}) values ${rows.join(', ')}`]),
];

async function fill(customers: readonly Customer[], rules: readonly string[]): Promise<void> {
  const events = customers.flatMap((each, at) =>
    each.events.map((event, n) => ({ ...event, id: `${at}/${n}`, customer: at })),
  );
  await duckdb.run(
    [
      'begin transaction',
      ...values(
        'customer_events',
        'event_id, customer_id, event_type, event_timestamp, session_id, price, quantity, last_updated',
        events.map(
          ({ id, customer: at, type, hours, visit, cents, quantity }) =>
            `('${id}', 'c${at}', '${type}', ${instant(hours)}, ${cell(visit === null ? null : `${at}${visit}`)}, ${cell(cents === null ? null : cents / 100)}, ${cell(quantity)}, ${instant(hours)})`,
        ),
      ),
      ...values(
        'customer_profiles',
        'customer_id, signup_date, lifetime_value, age, country, city, gender, last_updated',
        customers.flatMap(({ profile }, at) =>
          profile === null
            ? []
            : [
                `('c${at}', date '${new Date(now - profile.signup * day).toISOString().slice(0, 10)}', ${[profile.cents === null ? null : profile.cents / 100, profile.age, profile.country, profile.city, profile.gender].map(cell).join(', ')}, timestamp '2026-01-01')`,
              ],
        ),
      ),
      ...values(
        'customer_segments',
        'segment_id, segment_name, segment_rules, last_updated',
        rules.map(
          (each, at) => `('s${at}', 'S${String(at).padStart(2, '0')}', ${literal(each)}, timestamp '2026-01-01')`,
        ),
      ),
      'commit',
    ].join(';\n'),
  );
}

/** Count of each result in all runs, because a property of no cases always holds. */
const seen = { true: 0, false: 0, null: 0 };

test('a rule matches the right customers; unknown values are neither true nor false', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(customer, { minLength: 6, maxLength: 10 }),
      fc.array(rule, { minLength: 15, maxLength: 30, size: 'max' }),
      fc.infiniteStream(fc.nat(59)),
      async (customers, rules, dice) => {
        const written = rules
          .map((each) => write(each, () => dice.next().value as number))
          .map((each, at) => (each.length > 1000 ? write({ not: rules[at]! }, () => 1) : each));
        const short = rules.map((_, at) => at).filter((at) => written[at]!.length <= 1000);
        await fill(
          customers,
          short.map((at) => written[at]!),
        );
        const known = customers.map(metricsOf);
        const members = short.map((at) =>
          known.flatMap((metrics, n) => {
            const truth = metrics === undefined ? false : holds(rules[at]!, metrics);
            seen[String(truth) as keyof typeof seen] += 1;
            return truth === true ? [`c${n}`] : [];
          }),
        );
        const answer = await runReport(duckdb, suggestions, { sort: 'customer_id' }, context);
        const met = (id: string): string | null =>
          members.flatMap((of, n) => (of.includes(id) ? [`S${String(n).padStart(2, '0')}`] : [])).join(', ') || null;
        expect(answer.rows.map((row) => [row['customer_id'], row['rules_met']])).toEqual(
          known.flatMap((metrics, n) => (metrics === undefined ? [] : [[`c${n}`, met(`c${n}`)]])),
        );
        for (const n of [0, 1, 2]) {
          const { rows } = await runReport(duckdb, customersOfSegment, { segment_name: `s0${n}` }, context);
          expect(
            rows.map((row) => [row['customer_id'], row['membership']]),
            written[short[n]!]!,
          ).toEqual(members[n]!.map((id) => [id, 'rule']));
        }
      },
    ),
    { numRuns: runs(25), seed: 20260701, interruptAfterTimeLimit: 30_000 },
  );
  for (const truth of ['true', 'false', 'null'] as const) expect(seen[truth]).toBeGreaterThan(minCount(300));
});

// Imports of rules.

/** Whether a text is a rule, parsed by hand: OR of ANDs of NOTs of comparisons and parentheses. */
function isRule(text: string): boolean {
  if ([...text].length > 1000) return false;
  const token = new RegExp(
    `[ \\t\\r\\n]+|[()]|(?:${numbers.join('|')})[ \\t\\r\\n]*(?:<=|>=|<>|!=(?!-)|[=<>])[ \\t\\r\\n]*-?[0-9]{1,12}(?:\\.[0-9]{1,6})?(?![A-Za-z0-9_])|(?:${texts.join('|')})[ \\t\\r\\n]*(?:<>|!=|=)[ \\t\\r\\n]*'(?:[^'\\0]|'')*'|(?:and|or|not)(?![A-Za-z0-9_])`,
    'iy',
  );
  const tokens: string[] = [];
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text)?.[0];
    // A word cannot begin inside another, or right after a number.
    if (found === undefined || (/^\w/.test(found) && /\w/.test(text.charAt(at - 1)))) return false;
    if (found.trim() !== '') tokens.push(found.length > 3 ? 'comparison' : found.toLowerCase());
  }
  let next = 0;
  const takes = (wanted: string): boolean => tokens[next] === wanted && (next += 1) > 0;
  const one = (): boolean => {
    while (takes('not'));
    return takes('comparison') || (takes('(') && any() && takes(')'));
  };
  const every = (): boolean => one() && (!takes('and') || every());
  const any = (): boolean => every() && (!takes('or') || any());
  return any() && next === tokens.length;
}

const good = fc
  .tuple(rule, fc.infiniteStream(fc.nat(59)))
  .map(([of, dice]) => write(of, () => dice.next().value as number));
const piece = fc.constantFrom(
  ...numbers,
  ...texts,
  'and',
  'or',
  'not',
  'AND',
  'NOT',
  '(',
  ')',
  '(',
  ')',
  '<',
  '>=',
  '=',
  '<>',
  '!',
  '-',
  '1',
  '0.5',
  '1e3',
  "'",
  "''",
  "'DE'",
  '"',
  ' ',
  '  ',
  '\n',
  '\t',
  ';',
  '--',
  '/*',
  '*/',
  '*',
  '+',
  ',',
  '.',
  '$1',
  '?',
  '\\',
  '\0',
  '\u0007',
  '\u001B',
  '\u00A0',
  '\u2003',
  '\u200F',
  '\uFEFF',
  'ſ',
  '\u212A',
  'ｇ',
  '＞',
  '💶',
  'select',
  'null',
  'is',
  'like',
  'in',
  'case',
  'end',
  'from',
  'customer_profiles',
  "read_text('x')",
  '::int',
  '[',
  ']',
  '{',
  '}',
  '%',
  '#1',
  'E',
  'x',
  '$$',
  '&',
  '|',
  '~',
  '@',
  ':',
);
const soup = fc
  .array(piece, { maxLength: 12 })
  .chain((parts) => fc.constantFrom('', ' ').map((between) => parts.join(between)));
/** A valid rule with a piece inserted, replaced or removed. */
const mutated = fc
  .tuple(good, fc.array(fc.tuple(fc.nat(), piece, fc.nat(3)), { minLength: 1, maxLength: 2 }))
  .map(([text, changes]) =>
    changes.reduce((all, [where, put, over]) => {
      const at = where % (all.length + 1);
      return all.slice(0, at) + (over === 3 ? '' : put) + all.slice(at + over);
    }, text),
  );
const anything = fc.oneof(
  { weight: 3, arbitrary: mutated },
  { weight: 2, arbitrary: soup },
  { weight: 1, arbitrary: good },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

test('valid rules among random texts are kept, the others are rejected, and reports still work', async () => {
  const { duckdb: own, catalog: ours, lines, rows, empty } = await engineDatabase();
  const metrics = await ours.report('segment_metrics');
  const counted = { kept: 0, rejected: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 100, maxLength: 160, size: 'max' }), async (all) => {
      await empty('customer_segments');
      const account = await lines(
        ...all.map((text, at) => JSON.stringify({ segment_id: `s${at}`, segment_name: `S${at}`, segment_rules: text })),
      );
      expect([account.read, account.added + account.quarantined, account.updated + account.unchanged]).toEqual([
        all.length,
        all.length,
        0,
      ]);
      const kept = new Map(
        (await rows('select segment_id, segment_rules from customer_segments')).map(([id, text]) => [id!, text!]),
      );
      expect(kept.size).toBe(account.added);
      for (const [at, text] of all.entries()) {
        const stored = kept.get(`s${at}`);
        // A text of spaces, or a null marker, is not a rule.
        if (stored === null) expect(text.length).toBeLessThan(30);
        else expect([text, stored !== undefined]).toEqual([text, isRule(text)]);
        counted[stored === undefined ? 'rejected' : 'kept'] += 1;
      }
      const { total } = await runReport(own, metrics, {}, context);
      expect(total).toBe(account.added);
    }),
    { numRuns: runs(12), seed: 20260702, interruptAfterTimeLimit: 30_000 },
  );
  expect(Math.min(counted.kept, counted.rejected)).toBeGreaterThan(minCount(200));
});
