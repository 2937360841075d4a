import { Command } from 'commander';
import { WattduckError } from '../errors.ts';
import type { Io } from '../io.ts';
import { packageVersion } from '../paths.ts';
import type { GlobalOptions } from '../settings.ts';
import { leaveRecord, removeRecord } from '../warehouse/owner-record.ts';
import { knownZone } from '../warehouse/zone.ts';
import { buildApp, isLoopback } from '../server/app.ts';
import { Guests } from '../server/guests.ts';
import { Owner } from '../server/owner.ts';
import { commonOptions, withSession, type Session } from './session.ts';

type ServeOptions = GlobalOptions & { port?: string; host?: string; timeout?: string };

/** Milliseconds that what is under way may still take when the server is told to end. */
const grace = 10_000;

export const serveCommand = (io: Io): Command =>
  commonOptions(new Command('serve'))
    .option('--port <n>', 'where to listen; 0 takes a free one (env WATTDUCK_PORT; default 8787)')
    .option('--host <address>', 'on which address; another than this machine needs a token (env WATTDUCK_HOST; default 127.0.0.1)')
    .option('--timeout <seconds>', 'how long a query may take (env WATTDUCK_TIMEOUT; default 30)')
    .addHelpText('after', '\nExamples:\n  wattduck serve --db network.duckdb\n  curl http://127.0.0.1:8787/v0/pipes/station_analytics.json\n  wattduck token create dashboard && wattduck serve --host 0.0.0.0')
    .action((options: ServeOptions) => withSession(io, options, serve));

/** Serves until it is told to end. */
async function serve({ io, engine, catalog, settings, patience }: Session): Promise<void> {
  const [path, host, port] = [settings.db.value, settings.host.value, settings.port.value];
  const tz = await knownZone(engine, settings.tz.value, settings.tz.origin);
  const owner = await Owner.open(engine, catalog, { path, redact: settings.redact.value, patience });
  const { app, parts } = await buildApp({ io, owner, tz, host, seconds: settings.timeout.value });
  const guests = await Guests.admit(owner);
  try {
    if (!isLoopback(host) && !(await parts.tokens.areNeeded())) {
      throw new WattduckError('usage', `--host ${host} would let anybody in who can reach this machine`, 'Make a token first: wattduck token create NAME.');
    }
    const url = await app.listen({ host, port }).catch((error: unknown) => {
      throw listenFault(error, host, port);
    });
    leaveRecord(path, { pid: process.pid, url, address: guests.address, spool: owner.spool, version: packageVersion });
    io.stderr.write(`wattduck serves ${path} at ${url} (Ctrl-C ends it)\n`);
    await toldToEnd(patience.stopped);
    io.stderr.write('ending: what is under way is finished first\n');
  } finally {
    engine.goOn();
    await app.close();
    await guests.close(grace);
    await owner.close();
    removeRecord(path);
  }
}

/** SIGTERM, or Ctrl-C. */
const toldToEnd = (stopped: AbortSignal): Promise<void> =>
  new Promise((end) => {
    process.once('SIGTERM', () => end());
    stopped.addEventListener('abort', () => end(), { once: true });
  });

function listenFault(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new WattduckError('in_use', `port ${port} of ${host} is taken`, 'Choose another with --port, or 0 for a free one.', error);
  if (code === 'EACCES') return new WattduckError('not_allowed', `port ${port} needs more rights`, 'Choose one above 1023.', error);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new WattduckError('usage', `--host: "${host}" is no address of this machine`, undefined, error);
  return error;
}
