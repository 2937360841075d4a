import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { content, rows, empty, write, folder } = await engineDatabase();
write(
  'orders.sql',
  `/*---
title: Orders
description: Orders of a shop.
source: customer_events
detect_by: [order, mail, day, item, price, back]
fill_down: { by: order, columns: [mail, day] }
unpivot: { name: kind, value: amount, columns: [price, back] }
skip_when: amount is null
---*/
select "item" || '/' || kind as event_id, "mail" as customer_id, case kind when 'price' then 'purchase' else 'refund' end as event_type,
       "day" as event_timestamp, amount as price
from input`,
);

const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

test('property: filled and unpivoted rows are those of a simple loop', async () => {
  const line = fc.record({
    order: fc.constantFrom('1', '2', '2', '#3, a'),
    mail: fc.constantFrom('', '', ' ', 'a@x', 'b "b"', 'c\nd'),
    day: fc.constantFrom('', '', '2024-01-05', '2024-02-06'),
    price: fc.constantFrom('', '1', '2.5'),
    back: fc.constantFrom('', '', '3'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (lines) => {
      let [order, mail, day] = ['', '', ''];
      const expected: (string | null)[][] = [];
      let rejected = 0;
      for (const [at, row] of lines.entries()) {
        if (row.order !== order) [mail, day] = ['', ''];
        order = row.order;
        mail = row.mail.trim() || mail;
        day = row.day || day;
        for (const kind of ['price', 'back'] as const) {
          if (row[kind] === '') continue;
          if (day === '') rejected += 1;
          else expected.push([`i${at}/${kind}`, mail || null, `${day} 00:00:00`, row[kind]]);
        }
      }
      const table = lines.map((row, at) =>
        [row.order, row.mail, row.day, `i${at}`, row.price, row.back].map(quote).join(','),
      );
      await empty('customer_events');
      const result = await content('orders.csv', `order,mail,day,item,price,back\n${table.join('\n')}\n`, {
        mapping: join(folder, 'orders.sql'),
      });
      expect([result.read, result.added, result.quarantined]).toEqual([lines.length * 2, expected.length, rejected]);
      if (expected.length === 0) return;
      const stored = await rows(
        'select event_id, customer_id, event_timestamp, price from customer_events order by event_id',
      );
      expect(stored).toEqual(expected.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    }),
    { numRuns: runs(30), seed: 20260318 },
  );
});
