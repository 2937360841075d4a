import { Command } from 'commander';
import { WattduckError } from '../errors/wattduck-error.ts';
import { isQuiet, type Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { findNearest, suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { addCommonOptions, addOutputOptions, withContext, type CommandContext } from './context.ts';
import { createRunContext, runReportCommand } from './print-report.ts';

type CreateOptions = GlobalOptions & { scope?: string[]; dailyLimit?: string };

/** Max characters of a token's name. */
const maxNameLength = 64;

export function tokenCommand(io: Io): Command {
  const command = new Command('token');
  addCommonOptions(
    command
      .command('create')
      .description('Create a token and print it once. After the first, every request needs a token'),
  )
    .argument('<name>', `Token name, max ${maxNameLength} characters; names cannot be reused`)
    .option(
      '--scope <scopes>',
      'Scopes, repeatable or separated by commas: read (reports), append (send data, acknowledge issues), sql (SQL queries), admin (everything); default read',
      collectScopes,
    )
    .option('--daily-limit <n>', 'Maximum requests per day (UTC); default no limit')
    .addHelpText(
      'after',
      '\nA scope does not include others: a token with only append cannot read data, one with only read cannot run SQL.\n\nExamples:\n  wattduck token create dashboard --daily-limit 100000\n  TOKEN=$(wattduck token create exporter --scope append)',
    )
    .action((name: string, options: CreateOptions) =>
      withContext(io, options, (context) => create(context, name, options)),
    );
  addOutputOptions(
    addCommonOptions(command.command('list').description('List all tokens with their scopes, usage and state')),
  )
    .option('--limit <n>', 'Maximum number of rows')
    .action((options: GlobalOptions & OutputOptions & { limit?: string }) =>
      runReportCommand(io, options, 'tokens', { limit: options.limit }),
    );
  addCommonOptions(command.command('revoke').description('Revoke a token. Its name cannot be reused'))
    .argument('<name>', 'Token name, as listed')
    .action((name: string, options: GlobalOptions) => withContext(io, options, (context) => revoke(context, name)));
  return command;
}

const collectScopes = (value: string, all: string[] = []): string[] => [
  ...all,
  ...value.split(',').map((scope) => scope.trim()),
];

async function create(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const [{ openForWriting }, { hashToken, newToken, scopes }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../server/access/tokens.ts'),
    import('../reports/run-action.ts'),
  ]);
  assertTokenName(name);
  const requestedScopes = options.scope ?? ['read'];
  const unknownScope = requestedScopes.find((scope) => !scopes.some((each) => each === scope));
  if (unknownScope !== undefined)
    throw new WattduckError('unknown_scope', {
      scope: unknownScope,
      suggestion: suggest(unknownScope, scopes, 'Expected'),
    });
  const scopeList = scopes.filter((scope) => requestedScopes.includes(scope)).join(',');
  const action = await catalog.action('token_create');
  const token = newToken();
  const params = { name, hash: hashToken(token), scopes: scopeList, daily_limit: options.dailyLimit };
  // Invalid values must not create a database.
  const { bind } = await import('../warehouse/binder.ts');
  await bind(duckdb, action.parameters, params, createRunContext(context));
  await openForWriting(duckdb, settings.db.value, catalog, lockWait);
  const isFirst = await duckdb.withWriteLock(async () => {
    const tokens = await readTokens(duckdb);
    if (tokens.has(name)) throw new WattduckError('token_exists', { name });
    await runAction(duckdb, action, params, createRunContext(context));
    return tokens.size === 0;
  });
  io.stdout.write(`${token}\n`);
  io.stderr.write(
    clipped`token "${name}" (${scopeList}) is shown only once: store it, and send it as Authorization: Bearer TOKEN\n`,
  );
  if (isFirst) io.stderr.write('this is the first token: from now on, every request needs one\n');
}

function assertTokenName(name: string): void {
  const length = [...name].length;
  if (length > maxNameLength) throw new WattduckError('token_name_too_long', { length, max: maxNameLength });
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    throw new WattduckError('token_name_invisible_characters', { name: JSON.stringify(name) });
  if (name.trim() !== name || name === '') throw new WattduckError('token_name_blank', { name });
  if (name === '*') throw new WattduckError('token_name_reserved');
}

async function revoke(context: CommandContext, name: string): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const [{ openExistingForWriting }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../reports/run-action.ts'),
  ]);
  const action = await catalog.action('token_revoke');
  await openExistingForWriting(duckdb, settings.db.value, catalog, lockWait);
  await duckdb.withWriteLock(async () => {
    const tokens = await readTokens(duckdb);
    const revokedAt = tokens.get(name);
    if (revokedAt === undefined) {
      const suggestion = findNearest(name, [...tokens.keys()]);
      throw new WattduckError('token_not_found', {
        name,
        suggestion:
          suggestion === undefined
            ? 'Run `wattduck token list` to see all tokens.'
            : clipped`Did you mean ${suggestion}?`,
      });
    }
    if (revokedAt !== null) throw new WattduckError('token_already_revoked', { name, date: revokedAt });
    await runAction(duckdb, action, { name }, createRunContext(context));
  });
  if (!isQuiet(io)) io.stdout.write(clipped`token "${name}" was revoked\n`);
}

/** Names of all tokens with the time they were revoked, if any. */
async function readTokens(duckdb: DuckDb): Promise<Map<string, string | null>> {
  const rows = await duckdb.rows('select name, revoked_at::varchar as revoked_at from tokens');
  return new Map(rows.map((row) => [String(row['name']), row['revoked_at'] as string | null]));
}
