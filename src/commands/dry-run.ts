import { present } from '../render/present.ts';
import { lookAtFile, type IngestOptions } from '../ingest/ingest-file.ts';
import { columnsFrom } from '../ingest/notes.ts';
import { clipValue, plainLine } from '../text/plain-text.ts';
import { identifier } from '../warehouse/engine.ts';
import { redactions } from '../warehouse/redact.ts';
import { formatCount } from '../text/format-number.ts';
import { notes, taken } from './ingest-talk.ts';
import type { Session } from './session.ts';

/** Rows shown as they would be taken in. */
const firstRows = 5;

/** Shows what each file would be taken for, how its fields become columns, its first rows and its bad ones; writes nothing. */
export async function dryRun(
  { io, engine, catalog, settings }: Session,
  files: readonly string[],
  how: IngestOptions,
  json: boolean,
): Promise<void> {
  for (const file of files) {
    await lookAtFile(engine, catalog, file, how, async (found, reading, staged) => {
      const made = columnsFrom(reading).filter(({ column }) => staged.filled.includes(column));
      const instead = settings.redact.value ? ((await redactions(catalog)).get(reading.source.name) ?? {}) : {};
      const shown = staged.filled
        .map((name) => `${instead[name] ?? identifier(name)} as ${identifier(name)}`)
        .join(', ');
      const rows = await engine.rows(`select ${shown} from staged limit ${firstRows}`);
      if (json) {
        io.stdout.write(`${JSON.stringify({ ...found, columns: made, first_rows: rows })}\n`);
        return;
      }
      io.stdout.write(`${plainLine(found.file)}: ${taken(found)}\n`);
      for (const { column, from } of made)
        io.stdout.write(`  ${column} <- ${plainLine(from.join(', ')) || 'a constant'}\n`);
      const columns = reading.source.columns.filter(({ name }) => staged.filled.includes(name));
      await present(io, { columns, rows, total: rows.length, more: '', document: () => rows }, {});
      io.stdout.write(
        `${plainLine(found.file)}: of ${formatCount(found.read)} rows ${formatCount(staged.good)} would be taken in, ${formatCount(staged.bad)} quarantined; nothing was written\n`,
      );
      for (const line of notes(found)) io.stderr.write(`${plainLine(clipValue(found.file))}: ${plainLine(line)}\n`);
    });
  }
}
