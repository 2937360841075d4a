import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WattduckError } from '../../errors.ts';
import { suggest } from '../../text/names.ts';
import { clipMessage, clipped } from '../../text/plain-text.ts';
import { duckdbError, shortMessage, isStatementError } from '../../warehouse/faults.ts';
import { endpointOf } from '../access/auth-hooks.ts';
import { tokenOf } from '../access/auth.ts';
import type { Parts, Routes } from '../context.ts';
import { bodyOf, clientFault, pathOf, protocolOf, statusOf } from './error-responses.ts';
import { methods } from './methods.ts';
import { braced } from './route-pattern.ts';

/** Longest path an error repeats. */
const longestPath = 200;

export function answerFaults(app: FastifyInstance, { io, tokens }: Parts, routes: Routes): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (!methods.some((method) => method === request.method)) {
      reply.header('allow', methods.join(', '));
      throw new WattduckError(
        'no_method',
        clipped`${request.method} is not answered here`,
        `These are: ${methods.join(', ')}.`,
      );
    }
    const path = pathOf(request.url).slice(0, longestPath);
    const known = [...routes.keys()].map(braced);
    // Whoever may ask nothing is told of no route either.
    const near = await tokens.callerOf(tokenOf(request)).then(
      () => suggest(path, known),
      () => '',
    );
    throw new WattduckError(
      'not_found',
      clipped`no route ${path}`,
      near.startsWith('Did') ? near : 'See / for all there are.',
    );
  });
  app.setErrorHandler((error, request, reply) => {
    const fault = duckdbError(error, 'the database');
    if (fault instanceof WattduckError) return sendFault(fault, request, reply);
    if (isStatementError(fault)) {
      // It would fail the same way again: no client should try.
      io.stderr.write(`error: in ${endpointOf(request)}: ${clipMessage(fault.message)}\n`);
      return sendFault(
        new WattduckError('failed', `the database can't compute this: ${shortMessage(fault)}`),
        request,
        reply,
      );
    }
    const theirs = clientFault(fault as Parameters<typeof clientFault>[0]);
    if (theirs) return sendFault(theirs, request, reply);
    // What we did not foresee is ours to mend: its trace goes to the terminal, not to the client.
    io.stderr.write(`error: unexpected, in ${endpointOf(request)}: ${(fault as Error).stack ?? String(fault)}\n`);
    return sendFault(fault, request, reply);
  });
}

/** Answers a fault as the protocol of its route writes them. */
export function sendFault(fault: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const protocol = protocolOf(request.url);
  const [status, body] =
    fault instanceof WattduckError
      ? [statusOf(fault, protocol), bodyOf(fault, protocol)]
      : [500, bodyOf(unforeseen, protocol, 500)];
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

const unforeseen = new WattduckError('failed', 'something went wrong here', "The server's own output says more.");
