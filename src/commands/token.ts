import { Command } from 'commander';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/print-rows.ts';
import type { GlobalOptions } from '../settings.ts';
import { findNearest, suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';
import { addCommonOptions, addOutputOptions, withContext, type CommandContext } from './context.ts';
import { createRunContext, runAndPrint } from './print-report.ts';

type CreateOptions = GlobalOptions & { scope?: string[]; dailyLimit?: string };

/** Most characters of a token's name. */
const maxNameLength = 64;

export function tokenCommand(io: Io): Command {
  const command = new Command('token');
  addCommonOptions(
    command
      .command('create')
      .description('make a token and print it, this once; from the first on, every request over HTTP needs one'),
  )
    .argument('<name>', `what it is called, at most ${maxNameLength} characters; a name is never given twice`)
    .option(
      '--scope <scopes>',
      'what it may do, repeatable or separated by commas: read (reports), append (send data, acknowledge issues), sql (SQL of your own), admin (all); default read',
      collectScopes,
    )
    .option('--daily-limit <n>', 'most requests a day, UTC; no limit without it')
    .addHelpText(
      'after',
      "\nEach scope stands for itself: a token with append alone sends data and can't read any, one with read alone runs reports but no SQL.\n\nExamples:\n  wattduck token create dashboard --daily-limit 100000\n  TOKEN=$(wattduck token create exporter --scope append)",
    )
    .action((name: string, options: CreateOptions) =>
      withContext(io, options, (context) => create(context, name, options)),
    );
  addOutputOptions(
    addCommonOptions(
      command
        .command('list')
        .description('every token ever made: what it may do, how it is used, whether it is revoked'),
    ),
  )
    .option('--limit <n>', 'most rows answered')
    .action((options: GlobalOptions & OutputOptions & { limit?: string }) =>
      withContext(io, options, async (context) =>
        runAndPrint(context, await context.catalog.report('tokens'), { limit: options.limit }, options),
      ),
    );
  addCommonOptions(command.command('revoke').description('make a token useless, at once; its name stays taken'))
    .argument('<name>', 'the token, as listed')
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
    throw new WattduckError(
      'usage',
      clipped`--scope: "${unknownScope}" is not accepted`,
      suggest(unknownScope, scopes, 'Accepted'),
    );
  const scopeList = scopes.filter((scope) => requestedScopes.includes(scope)).join(',');
  const action = await catalog.action('token_create');
  const token = newToken();
  const params = { name, hash: hashToken(token), scopes: scopeList, daily_limit: options.dailyLimit };
  // What is refused makes no database.
  const { bind } = await import('../warehouse/binder.ts');
  await bind(duckdb, action.parameters, params, createRunContext(context));
  await openForWriting(duckdb, settings.db.value, catalog, lockWait);
  const isFirst = await duckdb.withWriteLock(async () => {
    const tokens = await readTokens(duckdb);
    if (tokens.has(name))
      throw new WattduckError(
        'conflict',
        clipped`there is a token "${name}" already`,
        'Names are never given twice, not those of revoked tokens either: choose another.',
      );
    await runAction(duckdb, action, params, createRunContext(context));
    return tokens.size === 0;
  });
  io.stdout.write(`${token}\n`);
  io.stderr.write(
    clipped`token "${name}" (${scopeList}) is shown only now: keep it, and send it as Authorization: Bearer TOKEN\n`,
  );
  if (isFirst) io.stderr.write('it is the first: from now on every request needs a token\n');
}

function assertTokenName(name: string): void {
  const length = [...name].length;
  if (length > maxNameLength)
    throw new WattduckError(
      'usage',
      clipped`NAME has ${length} characters`,
      clipped`At most ${maxNameLength} are accepted.`,
    );
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    throw new WattduckError(
      'usage',
      clipped`NAME: ${JSON.stringify(name)} has a character that can't be seen`,
      'Write it in letters, digits and blanks.',
    );
  if (name.trim() !== name || name === '')
    throw new WattduckError(
      'usage',
      clipped`NAME: "${name}" is empty, or begins or ends with a blank`,
      'Write it like dashboard.',
    );
  if (name === '*') throw new WattduckError('usage', 'NAME: "*" stands for all tokens', 'Write it like dashboard.');
}

async function revoke(context: CommandContext, name: string): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const [{ openExistingForWriting: openForChanging }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../reports/run-action.ts'),
  ]);
  const action = await catalog.action('token_revoke');
  await openForChanging(duckdb, settings.db.value, catalog, lockWait);
  await duckdb.withWriteLock(async () => {
    const tokens = await readTokens(duckdb);
    const revokedAt = tokens.get(name);
    if (revokedAt === undefined) {
      const suggestion = findNearest(name, [...tokens.keys()]);
      throw new WattduckError(
        'not_found',
        clipped`no token "${name}"`,
        suggestion === undefined ? 'wattduck token list shows all there are.' : clipped`Did you mean ${suggestion}?`,
      );
    }
    if (revokedAt !== null)
      throw new WattduckError('conflict', clipped`token "${name}" was revoked already, on ${revokedAt} UTC`);
    await runAction(duckdb, action, { name }, createRunContext(context));
  });
  io.stdout.write(clipped`token "${name}" is revoked\n`);
}

/** Names of all tokens, each with when it was revoked. */
async function readTokens(duckdb: DuckDb): Promise<Map<string, string | null>> {
  const rows = await duckdb.rows('select name, revoked_at::varchar as revoked_at from tokens');
  return new Map(rows.map((row) => [String(row['name']), row['revoked_at'] as string | null]));
}
