import type { FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { ServerContext } from '../context.ts';
import { tokenOf } from './auth.ts';
import { isOwnOrigin } from './cross-site.ts';
import { loginLimitError } from './login-limit.ts';
import { ownPath } from './own-path.ts';
import { sessionCookie, sessionIdsOf } from './sessions.ts';
import type { Caller } from './tokens.ts';

/** Path of the login page. */
export const loginPath = '/login';

/** Why a login failed, in the address of the login page. */
export const loginProblems = ['unknown_token', 'no_read_scope', 'too_many_failures'] as const;
export type LoginProblem = (typeof loginProblems)[number];

const isSafe = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/** Whether a response may be a page rather than JSON: browsers ask for HTML. */
export const acceptsHtml = ({ headers }: FastifyRequest): boolean => /\btext\/html\b/i.test(headers.accept ?? '');

/**
 * The caller of a request, by its token, else by the session of the browser.
 * @throws WattduckError (token_required, invalid_token, session_needs_own_page)
 */
export async function callerOf(
  request: FastifyRequest,
  { tokens, sessions, access }: Pick<ServerContext, 'tokens' | 'sessions' | 'access'>,
): Promise<Caller> {
  const token = tokenOf(request);
  if (token !== undefined) return tokens.callerOf(token);
  for (const id of sessionIdsOf(request)) {
    const caller = await sessions.callerOf(id);
    if (!caller) continue;
    const { origin, host, 'sec-fetch-site': site } = request.headers;
    const isOwn = origin === undefined ? site === 'same-origin' : isOwnOrigin(origin, host, access.isLocal);
    // A page of an allowed origin cannot use the session, and a write must come from a page of this server.
    if (!isOwn && !isSafe(request)) throw new WattduckError('session_needs_own_page');
    if (!isOwn && origin !== undefined) continue;
    request.sessionId = id;
    return caller;
  }
  return tokens.callerOf(undefined);
}

/**
 * Replaces a token in the URL of a page by a session, and redirects to the address without it: an address is kept in the history
 * and shared.
 * @returns whether the request is answered
 */
export async function redirectUrlToken(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ServerContext,
): Promise<boolean> {
  const { token } = request.query as Record<string, unknown>;
  if (token === undefined || !isSafe(request)) return false;
  const target = ownPath(withoutToken(request.url)) ?? '/';
  const isNeeded = token !== '' && (await context.tokens.areRequired());
  const problem = isNeeded ? await startSession(request, reply, context, [token].flat()[0]) : undefined;
  redirect(reply, problem === undefined ? target : loginUrl(target, problem));
  return true;
}

/** Checks a token and stores a session for it in the browser; returns why it cannot. */
export async function startSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { tokens, sessions, loginLimit }: Pick<ServerContext, 'tokens' | 'sessions' | 'loginLimit'>,
  token: unknown,
): Promise<LoginProblem | undefined> {
  if (loginLimit.waitSeconds(request.ip) > 0) return 'too_many_failures';
  const text = typeof token === 'string' ? token.trim() : '';
  const caller = await tokens.callerOf(text).catch((error: unknown) => {
    if (error instanceof WattduckError && error.kind === 'unauthorized') return undefined;
    throw error;
  });
  if (!caller) {
    loginLimit.recordFailure(request.ip);
    return 'unknown_token';
  }
  if (!caller.scopes.includes('read')) return 'no_read_scope';
  for (const id of sessionIdsOf(request)) sessions.end(id);
  reply.header('set-cookie', sessionCookie(request, sessions.start(text)));
  return undefined;
}

/** The error that a problem of a login stands for. */
export function loginError(problem: LoginProblem, request: FastifyRequest, context: ServerContext): WattduckError {
  switch (problem) {
    case 'unknown_token':
      return new WattduckError('invalid_token');
    case 'no_read_scope':
      return new WattduckError('login_needs_scope');
    case 'too_many_failures':
      return loginLimitError(Math.max(1, context.loginLimit.waitSeconds(request.ip)));
  }
}

/** Sends a browser without a session to the login page. */
export function sendToLogin(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const site = request.headers['sec-fetch-site'];
  // Browsers leave the cookie out after a link from another site, so the same address is loaded once more from here.
  if (site === 'cross-site' || site === 'same-site') return reply.type('text/html; charset=utf-8').send(reloadPage);
  return redirect(reply, loginUrl(ownPath(request.url) ?? '/'));
}

const reloadPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="0">
<title>wattduck</title>
</head>
<body></body>
</html>
`;

export const redirect = (reply: FastifyReply, path: string): FastifyReply =>
  reply.header('cache-control', 'no-store').redirect(path, 303);

/** Address of the login page that leads to another page. */
function loginUrl(next: string, problem?: LoginProblem): string {
  const params = new URLSearchParams({
    ...(next === '/' ? {} : { next }),
    ...(problem === undefined ? {} : { problem }),
  });
  return params.size === 0 ? loginPath : `${loginPath}?${params.toString()}`;
}

/** A URL without the token in its query. */
function withoutToken(url: string): string {
  const [path = '', ...queries] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  const rest = queries
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && decodeURIComponent(pair.split('=')[0]!.replaceAll('+', ' ')) !== 'token');
  return rest.length === 0 ? path : `${path}?${rest.join('&')}`;
}
