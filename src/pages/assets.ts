import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WattduckError } from '../errors/wattduck-error.ts';
import { packageRoot } from '../paths.ts';
import type { PageAssets } from './layout.ts';
import { pageStyle } from './style.ts';

/** The style and the script of all pages. */
export interface AssetFiles {
  css: string;
  js: string;
  /** Hash of both, for their addresses. */
  version: string;
}

let files: AssetFiles | undefined;

/** The style and the script, which the build writes to dist/. @throws WattduckError (page_script_not_built) */
export function assetFiles(): AssetFiles {
  if (files) return files;
  const js = readScript();
  const version = createHash('sha256').update(pageStyle).update(js).digest('hex').slice(0, 12);
  return (files = { css: pageStyle, js, version });
}

function readScript(): string {
  try {
    return readFileSync(join(packageRoot, 'dist', 'assets', 'page.js'), 'utf8');
  } catch (error) {
    throw new WattduckError('page_script_not_built', {}, error);
  }
}

/** Links to the files on the server. */
export function linkedAssets(): PageAssets {
  const { version } = assetFiles();
  return {
    head: `<link rel="stylesheet" href="/assets/${version}/page.css">
<script src="/assets/${version}/page.js" defer></script>`,
  };
}

/**
 * The same in the page itself, for a file. Its policy allows this one script and no request, so that the file cannot load anything
 * or report that it was opened.
 * @param style further styles
 */
export function inlineAssets(style = ''): PageAssets {
  const { css, js } = assetFiles();
  // The text of a script ends at the first such tag.
  const script = js.replaceAll('</', '<\\/');
  const hash = createHash('sha256').update(script).digest('base64');
  return {
    head: `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'">
<style>${css}${style}</style>`,
    end: `<script>${script}</script>`,
  };
}
