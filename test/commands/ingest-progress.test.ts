import { expect, test } from 'vitest';
import { formatSeconds, progressLine, timeLeft } from '../../src/commands/ingest-progress.ts';

const start = { file: 'sessions.csv', at: 2, of: 14, stage: 'reading', bytes: 267_000_000, percent: -1, seconds: 0 };

test('a line has the file, its number, the stage, bytes, speed and the time left', () => {
  expect(progressLine(start)).toBe('sessions.csv (2 of 14): reading');
  // 45 % of 267 MB are 120.15 MB, in 1.5 s 80.1 MB/s; 55 % take 1.5 s × 55 / 45 = 1.83 s.
  expect(progressLine({ ...start, percent: 45, seconds: 1.5 })).toBe(
    'sessions.csv (2 of 14): reading 45 %, 120 of 267 MB, 80 MB/s, 2 s left',
  );
  expect(progressLine({ ...start, of: 1, percent: 100, seconds: 3 })).toBe(
    'sessions.csv: reading 100 %, 267 of 267 MB, 89 MB/s',
  );
  expect(progressLine({ ...start, of: 1, stage: 'updating', percent: 50, seconds: 90 })).toBe(
    'sessions.csv: updating 50 %, 1 min 30 s left',
  );
  expect(progressLine({ ...start, file: '-', bytes: undefined, of: 1, percent: 50, seconds: 2 })).toBe(
    '-: reading 50 %, 2 s left',
  );
});

test('the time left is unknown at first, and at the end', () => {
  expect([timeLeft(0.5, 10), timeLeft(50, 0.5), timeLeft(100, 10)]).toEqual([undefined, undefined, undefined]);
  expect(timeLeft(10, 10)).toBe('1 min 30 s left');
});

test.each([
  [8.4, '8 s'],
  [59.6, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3720, '1 h 02 min'],
])('%d seconds', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
