import { hash, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { headerValues } from './header-values.ts';
import { splitHost } from './host.ts';
import { hashToken, type Caller, type Tokens } from './tokens.ts';

/** Milliseconds without a request after which a session ends, and milliseconds after which it ends anyway. */
const [maxIdleMs, maxAgeMs] = [12 * 3_600_000, 7 * 86_400_000];
/** Max sessions; with one more, the one that was idle the longest ends. */
const maxSessions = 1000;

/** A login in a browser. */
interface Session {
  tokenHash: string;
  /** Milliseconds since 1970. */
  startedAt: number;
}

/**
 * Sessions of browsers that logged in with a token, in memory. They are found by the hash of their id, so that the timing of a
 * lookup leaks nothing. A session ends when its token is revoked.
 */
export class Sessions {
  readonly #tokens: Tokens;
  readonly #now: () => number;
  readonly #sessions: LRUCache<string, Session>;

  constructor(tokens: Tokens, now: () => Date) {
    this.#tokens = tokens;
    this.#now = () => now().getTime();
    this.#sessions = new LRUCache({
      max: maxSessions,
      ttl: maxIdleMs,
      ttlResolution: 0,
      updateAgeOnGet: true,
      perf: { now: this.#now },
    });
  }

  /** Starts a session for a valid token, and returns its random id. */
  start(token: string): string {
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(hashId(id), { tokenHash: hashToken(token), startedAt: this.#now() });
    return id;
  }

  end(id: string): void {
    this.#sessions.delete(hashId(id));
  }

  /** The caller of a session; undefined if it ended, or its token was revoked. */
  async callerOf(id: string): Promise<Caller | undefined> {
    const session = this.#sessions.get(hashId(id));
    if (!session) return undefined;
    const isOld = this.#now() - session.startedAt >= maxAgeMs;
    const caller = isOld ? undefined : await this.#tokens.callerWithHash(session.tokenHash);
    if (!caller) this.end(id);
    return caller;
  }
}

const hashId = (id: string): string => hash('sha256', id);

/** Name of the session cookie. Browsers share cookies between ports of a host, so it has the port. */
function cookieName({ headers }: FastifyRequest): string {
  const { port } = splitHost(headers.host ?? '');
  return port === undefined ? 'wattduck_session' : `wattduck_session_${port}`;
}

/** Ids in the session cookies of a request. */
export function sessionIdsOf(request: FastifyRequest): string[] {
  const name = cookieName(request);
  return headerValues(request, 'cookie')
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim().split('='))
    .flatMap(([key, id]) => (key === name && id ? [id] : []));
}

/** Value of Set-Cookie that stores a session id, or deletes it. */
export function sessionCookie(request: FastifyRequest, id: string | undefined): string {
  const age = id === undefined ? 0 : maxAgeMs / 1000;
  const secure = isHttps(request) ? '; Secure' : '';
  return `${cookieName(request)}=${id ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}

/**
 * Whether the browser uses HTTPS, through a TLS proxy. The proxy needs no trust: a client that lies only restricts its own cookie.
 */
export const isHttps = ({ headers }: FastifyRequest): boolean =>
  headers.origin?.startsWith('https://') === true ||
  String(headers['x-forwarded-proto'] ?? '')
    .split(',')[0]!
    .trim()
    .toLowerCase() === 'https';
