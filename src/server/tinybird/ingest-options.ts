import { Readable } from 'node:stream';
import type { IngestOptions } from '../../ingest/ingest-file.ts';

/** How what comes over HTTP is taken in: again where it was before, for what is in already is found out row by row. */
export const httpIngestOptions = (zone: string): IngestOptions => ({
  stdin: Readable.from([]),
  defaultTimeZone: zone,
  force: true,
});
