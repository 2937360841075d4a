import { Readable } from 'node:stream';
import type { IngestOptions } from '../../ingest/ingest-file.ts';

/** How what comes over HTTP is taken in: again where it was before, for what is in already is found out row by row. */
export const overHttp = (zone: string): IngestOptions => ({ stdin: Readable.from([]), usualZone: zone, force: true });
