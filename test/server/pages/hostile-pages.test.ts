import { expect, test } from 'vitest';
import type { Report } from '../../../src/catalog/definitions.ts';
import { linkedAssets } from '../../../src/pages/assets.ts';
import { indexPage } from '../../../src/server/pages/index-page.ts';
import { findForbidden, hostile } from '../../support/hostile-text.ts';

const markup = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<\u200bscript>',
  '&lt;b&gt;',
  'javascript:alert(1)',
  '</title><svg onload=alert(1)>',
];

const reportOf = (text: string): Report =>
  ({
    name: text,
    title: text,
    description: text,
    group: text,
    scope: 'read',
    http: [`/${text}`, `/${text}/{${text}}`],
    parameters: [{ name: text, required: true }],
    charts: [{ kind: 'number', value: text }],
  }) as unknown as Report;

test.each([...hostile, ...markup].map((text) => [JSON.stringify(text).slice(0, 40), text]))(
  'a page with %s',
  (_, text) => {
    const plain = reportOf(text);
    for (const report of [plain, { ...plain, parameters: [] }]) {
      const page = indexPage({
        title: text,
        path: '/reports',
        navigation: [{ href: '/reports', text }],
        assets: linkedAssets(),
        reports: [report],
        database: text,
        version: text,
        needsToken: true,
      });
      expect(findForbidden(page)).toEqual([]);
      // Every tag is one of the page's own.
      const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name!.toLowerCase()));
      const own = [
        'html',
        'head',
        'meta',
        'title',
        'link',
        'style',
        'body',
        'main',
        'header',
        'h1',
        'h2',
        'small',
        'p',
        'code',
        'nav',
        'a',
        'section',
        'ul',
        'li',
        'b',
        'span',
        'div',
        'footer',
        'script',
        'svg',
        'path',
      ];
      expect([...tags].filter((name) => !own.includes(name))).toEqual([]);
      expect(page).not.toMatch(/<[^>]*\son\w+\s*=/i);
      expect(page).not.toMatch(/href="\s*javascript:/i);
    }
  },
);
