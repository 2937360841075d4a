import { describe, expect, test } from 'vitest';
import { saidOf, warehouse } from './taking-in.ts';

const { lines, rows } = await warehouse();
let segments = 0;
const taken = (rule: string) => lines(JSON.stringify({ segment_id: `seg-${(segments += 1)}`, segment_name: 'S', segment_rules: rule }));

describe('a rule is kept', () => {
  test.each([
    'total_spent > 1000 AND session_count > 10',
    'total_spent>1000 and session_count>10',
    'Total_Spent >= 499.50',
    'session_count >= 3 AND NOT (purchase_count > 0)',
    '(total_spent > 499.50 AND purchase_count < 4) OR total_spent >= 2500',
    '((country = \'DE\') or (country <> \'AT\' and not not (age != 30)))',
    "country = 'Land of #AND( it''s'",
    'days_since_last_purchase <= 30 OR average_order_value = -1',
    'event_count < 5\nOR lifetime_value > 0',
  ])('%s', async (rule) => {
    expect(await taken(rule)).toMatchObject({ added: 1, quarantined: 0 });
    expect(await rows(`select segment_rules from customer_segments where segment_id = 'seg-${segments}'`)).toEqual([[rule]]);
  });
});

describe('a rule is refused', () => {
  test.each([
    'total_spent > 0; DROP TABLE customer_profiles; --',
    'total_spent',
    'total_spent >',
    'AND total_spent > 1',
    'total_spent > 1 AND',
    'total_spent > 1 session_count > 1',
    'total_spent > 1 AND OR session_count > 1',
    'total_spent > 1 NOT session_count > 1',
    '(total_spent > 1',
    'total_spent > 1)',
    '()',
    '1 = 1',
    'password > 1',
    'xtotal_spent > 1',
    'total_spent > session_count',
    'total_spent > (select 1)',
    'total_spent = 1e5',
    'total_spent == 1',
    'total_spent > 1.2.3',
    "country = 'DE",
    'country like \'D%\'',
    'total_spent > 1 -- and more',
    'total_spent > 1 /* and more */',
    '#',
    '~ total_spent > 1',
    'total_spent > 1 & age > 3',
    '! total_spent > 1',
  ])('%s', async (rule) => {
    expect(saidOf(await taken(rule))).toEqual(['1: segment_rules is no rule of known metrics, comparisons, AND, OR and NOT']);
  });
});
