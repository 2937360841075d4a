import { existsSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import type { FastifyInstance } from 'fastify';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import { packageVersion } from '../paths.ts';
import { withJsonMessages } from '../server/access/access-log.ts';
import { createFirstToken, readFirstToken } from '../server/access/first-token.ts';
import { isLoopback } from '../server/access/host.ts';
import { buildApp } from '../server/app.ts';
import { isWildcard, listenUrls } from '../server/http/listen-urls.ts';
import { ClientServer } from '../server/owner/client-server.ts';
import { DatabaseOwner } from '../server/owner/owner.ts';
import {
  configuredTimeZone,
  databaseName,
  withPlatformAddress,
  type GlobalOptions,
  type Setting,
  type Settings,
} from '../settings.ts';
import { pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import type { ClickHouseSource } from '../warehouse/clickhouse/connection.ts';
import { writeLockFile } from '../warehouse/lock-file.ts';
import { validateTimeZone } from '../warehouse/time-zone.ts';
import { addCommonOptions, engineOptions, withContext, type CommandContext } from './context.ts';

type ServeOptions = GlobalOptions & { port?: string; host?: string; timeout?: string; cors?: string[]; log?: string };

/** Milliseconds after the signal until open requests are cancelled, and until the process ends whatever still runs. */
const shutdownGraceMs = { untilCutOff: 8000, untilEnd: 9500 };

export const serveCommand = (io: Io): Command =>
  addCommonOptions(new Command('serve'))
    .option('--port <n>', 'Port to listen on; 0 for any free port (env WATTDUCK_PORT or PORT; default 8787)')
    .option(
      '--host <address>',
      'Address to listen on; non-local addresses require a token (env WATTDUCK_HOST or HOST; default 127.0.0.1)',
    )
    .option('--timeout <seconds>', 'Maximum seconds per query (env WATTDUCK_TIMEOUT; default 30)')
    .option(
      '--cors <origin>',
      'Web origin to allow, repeatable, such as https://dash.example.com; * for any, which requires tokens (env WATTDUCK_CORS, separated by commas)',
      (value, all: string[] = []) => [...all, value],
    )
    .option('--log <format>', 'Access log on stderr: none, text or json (env WATTDUCK_LOG; default none)')
    .addHelpText(
      'after',
      '\nWATTDUCK_TOKEN becomes the admin token of a database without tokens.\n\nExamples:\n  wattduck serve --db network.duckdb\n  curl http://127.0.0.1:8787/v0/pipes/station_analytics.json\n  wattduck token create dashboard && wattduck serve --host 0.0.0.0',
    )
    .action((options: ServeOptions) => withContext(io, options, serve, true));

/** Serves until SIGTERM or Ctrl-C. */
async function serve(context: CommandContext): Promise<void> {
  const { duckdb, catalog, lockWait } = context;
  const settings = withPlatformAddress(context.settings, context.io.env);
  const log = settings.log.value;
  const io = log === 'json' ? withJsonMessages(context.io) : context.io;
  const [path, host] = [settings.db.value, settings.host.value];
  const zone = await validateTimeZone(duckdb, settings.tz.value, settings.tz.origin);
  const tz = configuredTimeZone(settings) && zone;
  const firstToken = readFirstToken(context.io.env);
  // A missing database has no token.
  if (!isLoopback(host) && firstToken === undefined && !existsSync(path)) throw unprotectedHostError(settings.host);
  const engine = await openEngineOf(context, settings);
  const owner = await DatabaseOwner.open(duckdb, catalog, { path, redact: settings.redact.value, lockWait, engine });
  const cleanUp: (() => void)[] = [() => rmSync(owner.workDir, { recursive: true, force: true })];
  let forceExitTimer: NodeJS.Timeout | undefined;
  try {
    const { app, context: serverContext } = await buildApp({
      io: context.io,
      owner,
      tz,
      currency: settings.currency.value,
      host,
      seconds: settings.timeout.value,
      cors: settings.cors.value,
      log,
    });
    const clientServer = await ClientServer.listen(owner);
    try {
      const tokenNote = firstToken && (await createFirstToken(owner, firstToken, io.now()));
      if (tokenNote) io.stderr.write(clipped`${tokenNote}\n`);
      if (!isLoopback(host) && !(await serverContext.tokens.areRequired())) throw unprotectedHostError(settings.host);
      await serverContext.access.cors.check();
      // Before the first sign of life: a signal that arrives early must not leave the lock file behind.
      const shutdown = waitForShutdown(lockWait.signal);
      const url = await listen(app, host, settings.port.value);
      // Other commands read a Parquet folder themselves.
      if (!owner.isReadOnly)
        cleanUp.push(
          writeLockFile(path, {
            pid: process.pid,
            url,
            address: clientServer.socketPath,
            spool: owner.workDir,
            version: packageVersion,
          }),
        );
      io.stderr.write(
        clipped`Serving ${databaseName(settings)} at ${url}${owner.isReadOnly ? ', read-only' : ''} (press Ctrl-C to stop)\n`,
      );
      if (!isLoopback(host)) for (const line of accessNotes(app, host)) io.stderr.write(`${line}\n`);
      const signal = await shutdown;
      forceExitTimer = setTimeout(
        () => forceExit({ ...context, io }, { owner, clientServer, cleanUp, signal }),
        shutdownGraceMs.untilEnd,
      );
      // Without listeners, Ctrl-C ends the process at once; process.exit() would wait for every query.
      process.removeAllListeners('SIGINT');
      io.stderr.write('Shutting down after open requests finish (Ctrl-C again to stop now)\n');
    } finally {
      duckdb.clearInterrupt();
      owner.isEnding = true;
      const closeTimer = setTimeout(() => app.server.closeAllConnections(), shutdownGraceMs.untilCutOff);
      await Promise.all([app.close(), clientServer.close(shutdownGraceMs.untilCutOff)]);
      clearTimeout(closeTimer);
      // The last requests were logged after the previous flush.
      await serverContext.requestLog.flush();
    }
  } finally {
    duckdb.clearInterrupt();
    try {
      await owner.close();
      await engine?.client.close();
    } finally {
      clearTimeout(forceExitTimer);
      for (const remove of cleanUp) remove();
    }
  }
}

/** The other engine that reports run on, if the settings name one. Tokens and requests stay in the database file. */
async function openEngineOf(
  { io, duckdb, catalog }: CommandContext,
  settings: Settings,
): Promise<ClickHouseSource | undefined> {
  if (settings.engine.value === undefined) return undefined;
  const { findEngine } = await import('../warehouse/clickhouse/open.ts');
  const options = { ...engineOptions(io, settings), seconds: settings.timeout.value };
  return { ...(await findEngine(duckdb, catalog, options)), localTables: ['requests', 'tokens'] };
}

/** Starts listening and returns the URL. */
const listen = (app: FastifyInstance, host: string, port: number): Promise<string> =>
  app.listen({ host, port }).catch((error: unknown) => {
    throw listenError(error, host, port);
  });

/** Ends the process with its signal while DuckDB runs a query it cannot interrupt: `process.exit()` would wait for it. */
function forceExit(
  { io }: CommandContext,
  {
    owner,
    clientServer,
    cleanUp,
    signal,
  }: { owner: DatabaseOwner; clientServer: ClientServer; cleanUp: readonly (() => void)[]; signal: NodeJS.Signals },
): void {
  const cancelledWork = `${pluralize(owner.activeCount, 'request')} and ${pluralize(clientServer.count, 'command')}`;
  io.stderr.write(
    `Stopped after ${shutdownGraceMs.untilEnd / 1000} seconds: cancelled ${cancelledWork}; every confirmed row is in the database\n`,
  );
  for (const remove of cleanUp) remove();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Where other machines reach the server, and how they get access. */
function accessNotes(app: FastifyInstance, host: string): string[] {
  const { port } = app.server.address() as AddressInfo;
  const urls = listenUrls(host, port);
  const url = urls.at(-1)!;
  const browser = app.hasRoute({ method: 'GET', url: '/login' })
    ? `in a browser, log in at ${url}/login`
    : `in a browser, add ?token=TOKEN to the address`;
  return [
    ...(isWildcard(host) ? [`Addresses: ${urls.join(', ')}`] : []),
    `Requests need a token: send it as Authorization: Bearer TOKEN, or ${browser}`,
  ];
}

const unprotectedHostError = ({ value, origin }: Setting<string>): WattduckError =>
  new WattduckError('host_needs_token', { setting: /^(--|[A-Z])/.test(origin) ? origin : 'host', host: value });

/** Waits for SIGTERM or Ctrl-C. */
const waitForShutdown = (abortSignal: AbortSignal): Promise<NodeJS.Signals> =>
  new Promise((end) => {
    process.once('SIGTERM', () => end('SIGTERM'));
    if (abortSignal.aborted) end('SIGINT');
    abortSignal.addEventListener('abort', () => end('SIGINT'), { once: true });
  });

function listenError(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new WattduckError('port_in_use', { port, host }, error);
  if (code === 'EACCES') return new WattduckError('port_forbidden', { port }, error);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new WattduckError('host_not_local', { host }, error);
  return error;
}
