import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import type { ClickHouseAddress } from './address.ts';
import { clickHouseError } from './errors.ts';

/** What one statement needs besides its text. */
export interface StatementOptions {
  /** Values of `{name:Type}`: texts, or lists of texts. */
  params?: Record<string, string | string[]>;
  /** Session that keeps temporary tables. */
  session?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Maximum seconds of the statement on the server. */
  seconds: number;
  settings?: ClickHouseSettings;
  /** The same ID rejects a statement that is still running. */
  queryId?: string;
}

/** Seconds that the server may take longer than its limit to say so. */
const graceSeconds = 10;
/** Requests at the same time: sessions of many readers each need one. */
const maxRequests = 32;

/** Requests to one ClickHouse server over HTTP; errors are those of wattduck. */
export class ClickHouse {
  readonly address: ClickHouseAddress;
  readonly #client: ClickHouseClient;

  constructor(address: ClickHouseAddress, password: string) {
    this.address = address;
    this.#client = createClient({
      url: address.url,
      username: address.user,
      password,
      database: address.database,
      application: 'wattduck',
      request_timeout: 2 ** 31 - 1,
      max_open_connections: maxRequests,
      // Forecasts are too long for an address.
      use_multipart_params_auto: true,
      log: { level: 127 },
    });
  }

  /** Runs a statement without rows. */
  async command(query: string, options: StatementOptions): Promise<void> {
    await this.#send((common) => this.#client.command({ query, ...common }), options);
  }

  /** Rows as lists of JSON values, in batches. @param query a select without `format` */
  async *rows(query: string, options: StatementOptions): AsyncGenerator<unknown[][]> {
    const { signal, seconds } = options;
    const result = await this.#send(
      (common) => this.#client.query({ query, ...common, format: 'JSONCompactEachRow' }),
      options,
    );
    try {
      for await (const batch of result.stream<unknown[]>()) yield batch.map((row) => row.json());
    } catch (error) {
      throw clickHouseError(error, this.address, { signal, seconds });
    } finally {
      result.close();
    }
  }

  /** Sends the body of an insert. @param query an insert with `format` */
  async insert(query: string, values: Readable, options: StatementOptions): Promise<void> {
    const { stream } = await this.#send((common) => this.#client.exec({ query, values, ...common }), options);
    stream.resume();
    await finished(stream).catch((error: unknown) => {
      throw clickHouseError(error, this.address, options);
    });
  }

  /** The body of a result. @param query a select with `format` */
  async stream(query: string, options: StatementOptions): Promise<Readable> {
    const { stream } = await this.#send((common) => this.#client.exec({ query, ...common }), options);
    return stream;
  }

  /** @throws WattduckError if the server does not answer */
  async ping(): Promise<void> {
    const result = await this.#client.ping();
    if (!result.success) throw clickHouseError(result.error, this.address, { seconds: graceSeconds });
  }

  async #send<T>(
    send: (common: {
      query_params?: Record<string, string | string[]>;
      session_id?: string;
      query_id?: string;
      abort_signal: AbortSignal;
      clickhouse_settings: ClickHouseSettings;
    }) => Promise<T>,
    { params, session, signal, seconds, settings, queryId }: StatementOptions,
  ): Promise<T> {
    const deadline = AbortSignal.timeout((seconds + graceSeconds) * 1000);
    try {
      return await send({
        ...(params && { query_params: params }),
        ...(session !== undefined && { session_id: session }),
        ...(queryId !== undefined && { query_id: queryId }),
        abort_signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        clickhouse_settings: { max_execution_time: seconds, ...settings },
      });
    } catch (error) {
      throw clickHouseError(error, this.address, { signal, seconds });
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
