/** How values of files are read: a section of the page about sources. */
export const valuesSection = `## Values

How wattduck reads times, numbers and texts in files. A value that fits none of these forms rejects its row, with a reason; what
could be read in two ways is rejected too.

### Times

A time without a zone is local time in \`--tz\` (default UTC), or in the zone of the mapping.

| form | examples |
| --- | --- |
| ISO 8601 | \`2024-03-05 15:04:05\`, \`2024-03-05T15:04Z\`, \`2024-03-05T15:04:05.123+01:00\`, \`20240305T150405Z\`, \`2024-03-05\` |
| digits alone | \`20240305\`, \`20240305150405\`, Unix seconds, milliseconds or microseconds |
| day or month first | \`05.03.2024 15:04\`, \`3/5/2024 3:04 PM\`, \`05-03-24\`; see \`--date-order\` |
| month name | \`5 Mar 2024 15:04\`, \`Mar 5, 2024 3:04 PM\`, \`Tuesday, March 5, 2024 3:04:05 PM\`, \`5-Mar-24 15:04\` |
| RFC 2822 and others | \`Tue, 05 Mar 2024 15:04:05 +0000\`, \`Tue Mar 05 2024 15:04:05 GMT+0100 (CET)\`, \`Tue Mar  5 15:04:05 2024\` |
| zone | \`Z\`, \`+01\`, \`+0100\`, \`+01:00\`, \`UTC+1\`, \`+01:00[Europe/Berlin]\`, \`CET\`, \`CEST\`, \`BST\`, \`EST\`, \`PDT\` and others, with or without a space |
| clock | \`15:04\`, \`15:04:05.123\`, \`15.04\`, \`3:04 PM\`, \`3 p.m.\` |

- Two-digit years from 70 to 99 are 1970 to 1999, from 00 to 69 they are 2000 to 2069.
- The order of day and month is inferred from all dates of a file; a number above 12 is a day. Ambiguous or contradictory dates
  reject the file until \`--date-order\` says how to read them. A date such as \`24-03-05\` may begin with the year: use four digits.
- When clocks go back, the first of the two times is used, unless an end would then be before its start. A time that clocks skip
  is imported as if they had not gone forward, with a warning.
- An end such as \`0000-00-00\`, \`0001-01-01\` or \`1970-01-01 00:00:00\` is read as a missing end and counted as a null marker.
- If the days above 12 of a file lie in one period and those up to 12 far outside it, a warning says that day and month may be
  swapped.

### Numbers

- \`12.5\`, \`1e3\`, \`1 234.5\` and \`1'234.5\` are numbers. So are values with a unit in any case: \`17 kWh\`, \`17000 wh\`, \`0.017 MWh\`,
  \`€ 1.50\`, \`1.50 EUR\`, \`80 %\`. In \`mwh\`, m is mega.
- The decimal mark is inferred from all numbers of a file if one of them needs it: \`12,5\` can only have a decimal comma,
  \`1,234.5\` only a decimal point. \`1,234\` alone is ambiguous, and \`12,5\` next to \`1.234\` is contradictory; both reject the file
  until \`--decimal-mark\` says how to read them. Rows that arrive over HTTP are independent, and such a row is rejected.

### Durations and totals

- A duration gives the end of a session without one: \`1:29:00\`, \`1h29m\`, \`PT1H29M\`, or a number in a column with the unit in its
  name, such as \`Duration (min)\`. A number without a unit is ignored with a warning.
- A line total and a quantity give the unit price of a customer event without one.

### Texts

- Surrounding spaces are removed from all texts, IDs included; also Unicode spaces, such as the no-break space, and invisible
  marks. Nothing else of an ID is changed. An empty text is null.
- In times and numbers, Unicode spaces, dashes and minus signs are read like ASCII ones.
- Currencies are ISO 4217 codes in upper case; \`€\`, \`Euro\` and \`£\` become codes. Anything else is kept with a warning.
- A charging type is AC or DC, also in \`DC Fast\` or \`AC_3_PHASE\`. A column \`type\` with other values, such as \`RFID\`, is ignored
  with a warning.
`;
