import 'fastify';
import type { Report } from '../catalog/definitions.ts';
import type { Io } from '../io.ts';
import type { ResolveContext } from '../reports/resolve-parameters.ts';
import type { LogFormat } from '../settings.ts';
import { Cors } from './access/cors.ts';
import { LoginLimit } from './access/login-limit.ts';
import { RequestLog, type FinishRequest } from './access/request-log.ts';
import { Sessions } from './access/sessions.ts';
import { Tokens, type Caller, type Scope } from './access/tokens.ts';
import type { DatabaseOwner } from './owner/owner.ts';
import type { PageStore } from './pages/page-store.ts';
import { ReportResponder } from './reports/response-cache.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Scope the route requires; undefined for public routes. */
    scope?: Scope;
    /** True for an HTML page: other sites may link to it. */
    isPage?: boolean;
    /** True for a part of a page: it does not count towards the daily limit of a browser. */
    isPagePart?: boolean;
  }
  interface FastifyRequest {
    caller: Caller;
    /** Id of the browser's session; undefined for a request with a token, or without one. */
    sessionId?: string;
    /** Logs the end of an accepted request. */
    finish?: FinishRequest;
    /** Rows of the answer or of the body, for the access log. */
    rows?: number | undefined;
  }
}

/** Settings of the server. */
export interface ServerOptions {
  io: Pick<Io, 'now' | 'stderr'>;
  owner: DatabaseOwner;
  /** Time zone of times without an offset; undefined for that of the sites in reports, and UTC in imports. */
  tz: string | undefined;
  /** Base currency; that of most sessions by default. */
  currency?: string | undefined;
  /** Country or region whose public holidays count in forecasts; none by default. */
  holidays?: ResolveContext['holidays'];
  /** Address to listen on. On a loopback address, the Host header of requests must name this machine. */
  host: string;
  /** Max seconds of a query. */
  seconds: number;
  /** Milliseconds a client has to send a request; 300,000 by default. */
  requestTimeout?: number;
  /** Format of the access log; `none` by default. */
  log?: LogFormat;
  /** Origins whose pages can use the server, or `*`; none by default. */
  cors?: readonly string[];
}

/** Everything the routes need. */
export interface ServerContext extends ServerOptions {
  reports: readonly Report[];
  tokens: Tokens;
  sessions: Sessions;
  loginLimit: LoginLimit;
  requestLog: RequestLog;
  responder: ReportResponder;
  pages: PageStore;
  access: Access;
}

/** Checks that precede all others. */
export interface Access {
  /** True if the server listens on a loopback address. */
  isLocal: boolean;
  cors: Cors;
}

/** Max bytes of a request body. */
export const maxBodyBytes = 10_485_760;

/** Methods of each route path. */
export type Routes = ReadonlyMap<string, ReadonlySet<string>>;
