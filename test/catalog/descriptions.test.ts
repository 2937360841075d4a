import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';

const { catalog } = await openEngine();
const all = [
  ...(await catalog.reports()),
  ...(await catalog.sources()),
  ...(await catalog.mappings()),
  ...(await catalog.views()),
  ...(await catalog.rules()),
  await catalog.action('acknowledge'),
  await catalog.action('quarantine_clear'),
  await catalog.action('token_create'),
  await catalog.action('token_revoke'),
];

/** Number of sentences. */
const sentences = (text: string): number => text.split(/(?<=[.!?])\s+(?=[A-Z])/).length;

describe.each(all.map((each) => [each.path.replace(/^.*sql\//, ''), each] as const))(
  '%s',
  (_, { title, description, details }) => {
    test('has a short title', () => {
      expect(title).toMatch(/^[A-Z]/);
      expect(title).not.toMatch(/\.$/);
      expect(title.length).toBeLessThanOrEqual(60);
    });

    test('is described in one or two sentences of at most 200 characters', () => {
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(description.length).toBeLessThanOrEqual(200);
      expect(sentences(description)).toBeLessThanOrEqual(2);
    });

    test('has details of at most 250 characters each', () => {
      for (const detail of details) {
        expect(detail).toMatch(/\.$/);
        expect(detail.length, detail).toBeLessThanOrEqual(250);
      }
    });
  },
);
