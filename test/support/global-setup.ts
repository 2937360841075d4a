import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the databases that tests share. */
    sharedDatabases: string;
  }
}

/** Creates the folder that test files share, and removes it after the last one. */
export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-shared-'));
  provide('sharedDatabases', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
