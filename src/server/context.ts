import 'fastify';
import type { Report } from '../catalog/definitions.ts';
import type { Io } from '../io.ts';
import { Cors } from './access/cors.ts';
import { RequestLog, type FinishRequest } from './access/request-log.ts';
import { Tokens, type Caller, type Scope } from './access/tokens.ts';
import type { DatabaseOwner } from './owner/owner.ts';
import { ReportResponder } from './reports/response-cache.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller's token must allow; nothing where anybody may. */
    scope?: Scope;
    /** True for an HTML page: links of other sites may lead to it. */
    isPage?: boolean;
  }
  interface FastifyRequest {
    caller: Caller;
    /** Tells that a request that was let through is answered. */
    finish?: FinishRequest;
  }
}

/** How the server answers. */
export interface ServerOptions {
  io: Pick<Io, 'now' | 'stderr'>;
  owner: DatabaseOwner;
  /** Zone of dates without an offset. */
  tz: string;
  /** Address it listens on; where that is this machine alone, requests must be meant for it. */
  host: string;
  /** Seconds a query may take. */
  seconds: number;
  /** Milliseconds a client may take to send a request; half a minute where it is not said. */
  requestTimeout?: number;
  /** Origins whose pages may use it, or `*`; none where it is not said. */
  cors?: readonly string[];
}

/** What every part of the server works with. */
export interface ServerContext extends ServerOptions {
  reports: readonly Report[];
  tokens: Tokens;
  requestLog: RequestLog;
  responder: ReportResponder;
  access: Access;
}

/** Which requests are let in before anything of them is looked at. */
export interface Access {
  /** True where the server listens on this machine alone. */
  isLocal: boolean;
  cors: Cors;
}

/** Most bytes of a body. */
export const maxBodyBytes = 10_485_760;

/** Routes as they were made: path and methods. */
export type Routes = ReadonlyMap<string, ReadonlySet<string>>;
