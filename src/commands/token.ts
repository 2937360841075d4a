import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { OutputOptions } from '../render/present.ts';
import type { GlobalOptions } from '../settings.ts';
import { findNearest, suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { DuckDb } from '../warehouse/engine.ts';
import { bindContext, runAndPresent } from './run-and-present.ts';
import { commonOptions, outputOptions, withSession, type Session } from './session.ts';

type CreateOptions = GlobalOptions & { scope?: string[]; dailyLimit?: string };

/** Most characters of a token's name. */
const longestName = 64;

export function tokenCommand(io: Io): Command {
  const command = new Command('token');
  commonOptions(
    command
      .command('create')
      .description('make a token and print it, this once; from the first on, every request over HTTP needs one'),
  )
    .argument('<name>', `what it is called, at most ${longestName} characters; a name is never given twice`)
    .option(
      '--scope <scopes>',
      'what it may do, repeatable or separated by commas: read (reports), append (send data, acknowledge issues), sql (SQL of your own), admin (all); default read',
      several,
    )
    .option('--daily-limit <n>', 'most requests a day, UTC; no limit without it')
    .addHelpText(
      'after',
      "\nEach scope stands for itself: a token with append alone sends data and can't read any, one with read alone runs reports but no SQL.\n\nExamples:\n  wattduck token create dashboard --daily-limit 100000\n  TOKEN=$(wattduck token create exporter --scope append)",
    )
    .action((name: string, options: CreateOptions) =>
      withSession(io, options, (session) => create(session, name, options)),
    );
  outputOptions(
    commonOptions(
      command
        .command('list')
        .description('every token ever made: what it may do, how it is used, whether it is revoked'),
    ),
  )
    .option('--limit <n>', 'most rows answered')
    .action((options: GlobalOptions & OutputOptions & { limit?: string }) =>
      withSession(io, options, async (session) =>
        runAndPresent(session, await session.catalog.report('tokens'), { limit: options.limit }, options),
      ),
    );
  commonOptions(command.command('revoke').description('make a token useless, at once; its name stays taken'))
    .argument('<name>', 'the token, as listed')
    .action((name: string, options: GlobalOptions) => withSession(io, options, (session) => revoke(session, name)));
  return command;
}

const several = (value: string, all: string[] = []): string[] => [
  ...all,
  ...value.split(',').map((scope) => scope.trim()),
];

async function create(session: Session, name: string, options: CreateOptions): Promise<void> {
  const { io, engine, catalog, settings, patience } = session;
  const [{ openForWriting }, { hashOf, newToken, scopes }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../server/access/tokens.ts'),
    import('../reports/run-action.ts'),
  ]);
  checkName(name);
  const wanted = options.scope ?? ['read'];
  const unknown = wanted.find((scope) => !scopes.some((each) => each === scope));
  if (unknown !== undefined)
    throw new WattduckError(
      'usage',
      clipped`--scope: "${unknown}" is not accepted`,
      suggest(unknown, scopes, 'Accepted'),
    );
  const written = scopes.filter((scope) => wanted.includes(scope)).join(',');
  const action = await catalog.action('token_create');
  const token = newToken();
  const given = { name, hash: hashOf(token), scopes: written, daily_limit: options.dailyLimit };
  // What is refused makes no database.
  const { bind } = await import('../warehouse/binder.ts');
  await bind(engine, action.parameters, given, bindContext(session));
  await openForWriting(engine, settings.db.value, catalog, patience);
  const isFirst = await engine.withWriteLock(async () => {
    const tokens = await tokensIn(engine);
    if (tokens.has(name))
      throw new WattduckError(
        'conflict',
        clipped`there is a token "${name}" already`,
        'Names are never given twice, not those of revoked tokens either: choose another.',
      );
    await runAction(engine, action, given, bindContext(session));
    return tokens.size === 0;
  });
  io.stdout.write(`${token}\n`);
  io.stderr.write(
    clipped`token "${name}" (${written}) is shown only now: keep it, and send it as Authorization: Bearer TOKEN\n`,
  );
  if (isFirst) io.stderr.write('it is the first: from now on every request needs a token\n');
}

function checkName(name: string): void {
  const letters = [...name].length;
  if (letters > longestName)
    throw new WattduckError(
      'usage',
      clipped`NAME has ${letters} characters`,
      clipped`At most ${longestName} are accepted.`,
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

async function revoke(session: Session, name: string): Promise<void> {
  const { io, engine, catalog, settings, patience } = session;
  const [{ openExistingForWriting: openForChanging }, { runAction }] = await Promise.all([
    import('../warehouse/database.ts'),
    import('../reports/run-action.ts'),
  ]);
  const action = await catalog.action('token_revoke');
  await openForChanging(engine, settings.db.value, catalog, patience);
  await engine.withWriteLock(async () => {
    const tokens = await tokensIn(engine);
    const revokedAt = tokens.get(name);
    if (revokedAt === undefined) {
      const near = findNearest(name, [...tokens.keys()]);
      throw new WattduckError(
        'not_found',
        clipped`no token "${name}"`,
        near === undefined ? 'wattduck token list shows all there are.' : clipped`Did you mean ${near}?`,
      );
    }
    if (revokedAt !== null)
      throw new WattduckError('conflict', clipped`token "${name}" was revoked already, on ${revokedAt} UTC`);
    await runAction(engine, action, { name }, bindContext(session));
  });
  io.stdout.write(clipped`token "${name}" is revoked\n`);
}

/** Names of all tokens, each with when it was revoked. */
async function tokensIn(engine: DuckDb): Promise<Map<string, string | null>> {
  const rows = await engine.rows('select name, revoked_at::varchar as revoked_at from tokens');
  return new Map(rows.map((row) => [String(row['name']), row['revoked_at'] as string | null]));
}
