import { statSync } from 'node:fs';
import { Command } from 'commander';
import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import { isQuiet, type Io } from '../io.ts';
import { configuredTimeZone, type GlobalOptions } from '../settings.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { findNearest } from '../text/names.ts';
import { clipped, plainLine } from '../text/plain-text.ts';
import type { PruneCount } from '../warehouse/prune.ts';
import { assertDistinctTypes, parseKeepRule, type KeepRule } from '../warehouse/retention.ts';
import { addCommonOptions, withContext, type CommandContext } from './context.ts';
import { createRunContext } from './print-report.ts';

type PruneOptions = GlobalOptions & { keep?: string[]; asOf?: string; dryRun?: boolean; yes?: boolean };

export const pruneCommand = (io: Io): Command =>
  addCommonOptions(new Command('prune'))
    .option(
      '--keep <type=age>',
      'Event type and the age its events are kept for, in days or weeks, repeatable (default: the setting retention)',
      (value, all: string[] = []) => [...all, value],
    )
    .option('--as-of <time>', 'Time that ages are counted from (default: the last event up to now)')
    .option('--dry-run', 'Show what would be deleted, without deleting anything')
    .option('-y, --yes', 'Delete without asking, as scripts must')
    .addHelpText(
      'after',
      '\nSessions stay. So does the last older event of each charge point, connector and type, because it is a state; older meter values all go.\nDeleted events return with wattduck ingest FILE --force.\n\nExamples:\n  wattduck prune --keep meter=90d --dry-run\n  wattduck prune --keep meter=90d --keep heartbeat=52w --yes\n  wattduck report prunes',
    )
    .action((options: PruneOptions) => withContext(io, options, (context) => prune(context, options)));

async function prune(context: CommandContext, options: PruneOptions): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const rules = keepRules(context, options);
  const isInteractive = io.stdin === process.stdin && process.stdin.isTTY && io.stdout.isTTY;
  if (!options.dryRun && !options.yes && !isInteractive) throw new WattduckError('prune_not_confirmed');
  const [{ openExistingForWriting }, { countPrunable, lastEventTime, pruneEvents }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../warehouse/prune.ts'),
  ]);
  const now = BigInt(io.now().getTime()) * 1000n;
  const requestedAsOf = options.asOf === undefined ? undefined : await parseAsOf(context, options.asOf, now);
  const path = settings.db.value;
  await openExistingForWriting(duckdb, path, catalog, lockWait);
  await checkEventTypes(context, rules, options.keep !== undefined);
  const asOf = requestedAsOf ?? (await lastEventTime(duckdb, now));
  const print = (line: string): void => {
    if (!isQuiet(io)) io.stdout.write(`${plainLine(line)}\n`);
  };
  if (asOf === undefined) return print(`${path}: no charge point events`);
  if (options.dryRun || !options.yes) {
    const counts = await countPrunable(duckdb, rules, asOf);
    counts.forEach((count) => print(countLine(count, options.dryRun ? 'would be deleted' : 'to delete')));
    if (options.dryRun || total(counts) === 0) return;
    if (!(await confirmPrune(path, total(counts)))) return print('nothing was deleted');
  }
  const size = fileSize(path);
  const counts = await pruneEvents(duckdb, rules, asOf);
  counts.forEach((count) => print(countLine(count, 'deleted')));
  const deleted = total(counts);
  // A server writes to its file when it chooses.
  if (!duckdb.isRemote) await duckdb.run('checkpoint db');
  const sizes = duckdb.isRemote ? '' : `, ${formatSize(size)} before, ${formatSize(fileSize(path))} after`;
  print(
    `${path}: ${pluralize(deleted, 'event')} deleted${sizes}${deleted > 0 ? '; later imports reuse the free space, wattduck optimize gives it back' : ''}`,
  );
}

/** The rules of the options, else those of the settings. @throws WattduckError (usage) */
function keepRules({ settings }: CommandContext, { keep }: PruneOptions): KeepRule[] {
  if (keep === undefined) {
    if (settings.retention.value.length === 0) throw new WattduckError('prune_without_retention');
    return settings.retention.value;
  }
  const rules = keep.map((text) => parseKeepRule(text, '--keep'));
  assertDistinctTypes(rules, '--keep');
  return rules;
}

/** Rejects an unknown type of an option, and warns of one in the settings, which may be shared by several databases. */
async function checkEventTypes(
  { io, duckdb }: CommandContext,
  rules: readonly KeepRule[],
  areOptions: boolean,
): Promise<void> {
  const { unknownEventTypes } = await import('../warehouse/prune.ts');
  const { unknown, found } = await unknownEventTypes(duckdb, rules);
  const [type] = unknown;
  if (type === undefined) return;
  const nearest = findNearest(type, found);
  const suggestion = [
    ...(nearest === undefined ? [] : [clipped`Did you mean ${nearest}?`]),
    found.length > 0 ? clipped`Types found: ${found.join(', ')}.` : 'The database has no events.',
  ].join(' ');
  if (areOptions) throw new WattduckError('unknown_event_type', { type, suggestion });
  io.stderr.write(
    `${plainLine(`event type "${unknown.join('", "')}" of the setting retention not found. ${suggestion}`)}\n`,
  );
}

/** The time of `--as-of` in microseconds since 1970. @throws WattduckError (invalid_timestamp, as_of_in_future) */
async function parseAsOf(context: CommandContext, text: string, now: bigint): Promise<bigint> {
  const { toInstant } = await import('../warehouse/binder.ts');
  const parameter = { name: 'as_of', role: 'now' } as const;
  const zone = configuredTimeZone(context.settings) ?? 'UTC';
  const { micros } = await toInstant(context.duckdb, parameter, text, zone, createRunContext(context));
  if (micros > now) throw new WattduckError('as_of_in_future', { value: text });
  return micros;
}

async function confirmPrune(path: string, events: number): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({
    message: clipped`Delete ${pluralize(events, 'event')} from ${path}?`,
    initialValue: false,
  });
  if (isCancel(answer)) throw interruptedError(new Error('cancelled'));
  return answer;
}

const total = (counts: readonly PruneCount[]): number => counts.reduce((sum, { deleted }) => sum + deleted, 0);

const countLine = ({ type, before, deleted, kept }: PruneCount, verb: string): string =>
  clipped`${type}: ${pluralize(deleted, 'event')} before ${before} UTC ${verb}` +
  (kept > 0 ? `, ${formatCount(kept)} older ${kept === 1 ? 'stays' : 'stay'}` : '');

const fileSize = (path: string): number => statSync(path).size;
const formatSize = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
