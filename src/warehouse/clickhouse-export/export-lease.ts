import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { packageVersion } from '../../paths.ts';
import type { LockWait } from '../connection.ts';
import { schemaVersion } from '../database.ts';
import { isExiting } from '../exiting-process.ts';
import { runsTable } from './ledger-tables.ts';
import type { TargetServer } from './target-server.ts';

/** Seconds after which a run that no longer renews its lease has lost it. */
const leaseSeconds = 60;
const renewMs = 15_000;

/** What the runs so far say about the tables. */
export interface RunHistory {
  exportNumber: number;
  schemaVersion: number;
  wattduck: string;
  shards: number;
}

/** Another run that may write. */
interface OtherRun {
  host: string;
  pid: number;
}

/** The right of one run to write, renewed until it is released. Rows of a later run have higher versions. */
export class ExportLease {
  readonly #server: TargetServer;
  readonly #runId = randomUUID();
  readonly #shards: number;
  #change = 0;
  #exportNumber = 0;
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(server: TargetServer, shards: number) {
    this.#server = server;
    this.#shards = shards;
  }

  /**
   * Waits until no other run writes, then takes the lease.
   * @param checkHistory throws if the tables do not fit this run
   * @throws WattduckError (clickhouse_export_locked, lock_wait_interrupted)
   */
  static async take(
    server: TargetServer,
    shards: number,
    lockWait: LockWait,
    checkHistory: (history: RunHistory | undefined) => void,
  ): Promise<ExportLease> {
    const lease = new ExportLease(server, shards);
    const deadline = performance.now() + lockWait.seconds * 1000;
    for (let hasNotified = false; ;) {
      await lease.#write('waiting');
      // Each of two runs that wait at the same time sees the other: none of them starts.
      const other = await lease.#findOther();
      if (!other) break;
      await lease.#write('ended');
      if (performance.now() >= deadline)
        throw new WattduckError('clickhouse_export_locked', {
          address: server.client.address.text,
          host: other.host,
          pid: other.pid,
        });
      if (!hasNotified)
        lockWait.notify(`another export is writing to ${server.client.address.text}; waiting (Ctrl-C to cancel)`);
      hasNotified = true;
      await sleep(200 + Math.random() * 800, undefined, { signal: lockWait.signal }).catch((abort: unknown) => {
        throw new WattduckError('lock_wait_interrupted', { path: server.client.address.text }, abort);
      });
    }
    try {
      const history = await lease.#readHistory();
      checkHistory(history);
      lease.#exportNumber = (history?.exportNumber ?? 0) + 1;
      await lease.#write('running');
    } catch (error) {
      await lease.release().catch(() => undefined);
      throw error;
    }
    lease.#timer = setInterval(() => void lease.#write('running').catch(() => undefined), renewMs).unref();
    return lease;
  }

  /** Rises with each run. */
  get exportNumber(): number {
    return this.#exportNumber;
  }

  /** @throws WattduckError (clickhouse_lease_lost) after a pause that was long enough for another run to start */
  assertHeld(): void {
    if (performance.now() >= this.#heldUntil) throw new WattduckError('clickhouse_lease_lost', {});
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write('ended');
  }

  async #write(state: 'waiting' | 'running' | 'ended'): Promise<void> {
    const startedAt = performance.now();
    this.#change += 1;
    await this.#server.insertValues(runsTable, {
      run_id: this.#runId,
      export_number: this.#exportNumber,
      state,
      host: hostIdentity(),
      pid: process.pid,
      schema_version: schemaVersion,
      wattduck: packageVersion,
      shards: this.#shards,
      renewed_at: { sql: 'now64(3)' },
      expires_at: { sql: `now64(3) + toIntervalSecond(${leaseSeconds})` },
      change: this.#change,
    });
    this.#heldUntil = startedAt + leaseSeconds * 1000 - 5000;
  }

  /** A run whose lease has not expired, and whose process still runs as far as this machine knows. */
  async #findOther(): Promise<OtherRun | undefined> {
    const rows = await this.#server.rows(
      `select host, pid from ${this.#server.name(runsTable)} final
       where state in ('waiting', 'running') and expires_at > now64(3) and run_id != {run:String}`,
      { run: this.#runId },
    );
    return rows
      .map(([host, pid]): OtherRun => ({ host: String(host), pid: Number(pid) }))
      .find(({ host, pid }) => host !== hostIdentity() || !isExiting(pid));
  }

  async #readHistory(): Promise<RunHistory | undefined> {
    const [row] = await this.#server.rows(
      `select max(export_number), max(schema_version), argMax(wattduck, (schema_version, export_number)), argMax(shards, export_number)
       from ${this.#server.name(runsTable)} final where export_number > 0`,
    );
    const [exportNumber, version, wattduck, shards] = row ?? [];
    if (Number(exportNumber) === 0) return undefined;
    return {
      exportNumber: Number(exportNumber),
      schemaVersion: Number(version),
      wattduck: String(wattduck),
      shards: Number(shards),
    };
  }
}

/** This machine, and in a container its processes: the same number may be another process elsewhere. */
function hostIdentity(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
