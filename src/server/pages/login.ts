import type { FastifyInstance, FastifyReply } from 'fastify';
import type { WattduckError } from '../../errors/wattduck-error.ts';
import { ownPath } from '../access/own-path.ts';
import { callerOf, loginError, loginPath, loginProblems, redirect, startSession } from '../access/page-access.ts';
import { sessionCookie, sessionIdsOf } from '../access/sessions.ts';
import type { ServerContext } from '../context.ts';
import { statusOf } from '../http/error-responses.ts';
import { parseChoice, routeParams } from '../http/query-params.ts';
import { publicFrame } from './frame.ts';
import { loginPage } from './login-page.ts';

/** Max bytes of a login form. */
const maxFormBytes = 16_384;

/** Adds the login page, its form and the logout. */
export function addLogin(app: FastifyInstance, context: ServerContext): void {
  const { tokens, sessions } = context;
  const config = { isPage: true };

  app.get(loginPath, { config }, async (request, reply) => {
    const params = routeParams(['next', 'problem'], request.query);
    const next = ownPath(params.next) ?? '/';
    const problem = parseChoice('problem', params.problem, loginProblems);
    const isLoggedIn = await callerOf(request, context).then(
      () => true,
      () => false,
    );
    if (isLoggedIn) return redirect(reply, next);
    return sendForm(reply, next, problem && loginError(problem, request, context));
  });

  app.post(loginPath, { config, bodyLimit: maxFormBytes }, async (request, reply) => {
    const { token, next } = routeParams(['token', 'next'], request.body);
    const target = ownPath(next) ?? '/';
    if (!(await tokens.areRequired())) return redirect(reply, target);
    const problem = await startSession(request, reply, context, token);
    return problem === undefined
      ? redirect(reply, target)
      : sendForm(reply, target, loginError(problem, request, context), context.loginLimit.waitSeconds(request.ip));
  });

  app.post('/logout', { config, bodyLimit: maxFormBytes }, async (request, reply) => {
    for (const id of sessionIdsOf(request)) sessions.end(id);
    reply.header('set-cookie', sessionCookie(request, undefined));
    return redirect(reply, loginPath);
  });
}

function sendForm(reply: FastifyReply, next: string, error?: WattduckError, waitSeconds = 0): FastifyReply {
  if (error) reply.code(statusOf(error, 'analytics'));
  if (error?.kind === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  if (waitSeconds > 0) reply.header('retry-after', waitSeconds);
  return reply
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(loginPage(publicFrame(loginPath), next, error));
}
