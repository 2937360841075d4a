import { describe, expect, test } from 'vitest';
import { findNearest, normalizeHeader, suggest, toKebabCase, toSnakeCase } from '../../src/text/names.ts';

describe('findNearest', () => {
  test.each([
    ['title for titel', 'titel', ['description', 'title'], 'title'],
    ['one letter out', 'user-usag', ['user-usage', 'get-sessions'], 'user-usage'],
    ['in capitals', 'SESSIONS', ['users', 'sessions'], 'sessions'],
    ['the one it begins', 'energy', ['revenue', 'energy_trends', 'energy_by_project'], 'energy_trends'],
    ['two letters are too few to begin one', 'en', ['energy_trends'], undefined],
    // Three of six letters differ: more than max(2, 6 / 3).
    ['too far', 'abcdef', ['abcxyz'], undefined],
    // Two of six differ.
    ['just near enough', 'abcdef', ['abcdxy'], 'abcdxy'],
    // Three of nine may differ.
    ['a third of a long name', 'abcdefghi', ['abcdefxyz'], 'abcdefxyz'],
    ['nothing known', 'x', [], undefined],
    ['known in capitals', 'dc', ['AC', 'DC'], 'DC'],
    ['begins one known in capitals', 'eur', ['GBP', 'EURO'], 'EURO'],
    ['a zone in capitals', 'EUROPE/BERLIN', ['Europe/Athens', 'Europe/Berlin'], 'Europe/Berlin'],
  ])('%s', (_, name, known, expected) => {
    expect(findNearest(name, known)).toBe(expected);
  });
});

test('suggest proposes the nearest name, or lists all', () => {
  expect(suggest('titel', ['title', 'key'])).toBe('Did you mean title?');
  expect(suggest('speed', ['title', 'key'])).toBe('Known: title, key.');
  expect(suggest('speed', ['title', 'key'], 'Accepted')).toBe('Accepted: title, key.');
});

test('names with dashes and with underscores', () => {
  expect(toKebabCase('energy_by_time_of_day')).toBe('energy-by-time-of-day');
  expect(toSnakeCase('energy-by-time-of-day')).toBe('energy_by_time_of_day');
});

describe('normalizeHeader', () => {
  test.each([
    ['Energy (kWh)', 'energykwh'],
    ['energy_kwh', 'energykwh'],
    ['  Start Time ', 'starttime'],
    ['\uFEFFsession_id', 'sessionid'],
    ['Größe/m²', 'größem²'],
    ['ΕΝΈΡΓΕΙΑ', 'ενέργεια'],
    ['---', ''],
  ])('%j is %j', (header, expected) => {
    expect(normalizeHeader(header)).toBe(expected);
  });
});
