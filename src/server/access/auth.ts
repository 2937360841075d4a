import type { FastifyRequest } from 'fastify';
import type { RawParameters, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';
import { headerValues } from './header-values.ts';
import type { Caller, Scope } from './tokens.ts';

/**
 * The token a request bears, in any of Authorization, X-API-Key and ?token=.
 * @throws WattduckError (usage) where it bears two that differ: proxies and logs may see another one than we do
 */
export function tokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as Record<string, unknown>;
  if (Array.isArray(token)) throw new WattduckError('usage', 'token is given more than once', 'Give it once.');
  const bearers = headerValues(request, 'authorization').map((value) => /^Bearer\s+(.*)$/i.exec(value)?.[1]);
  const candidates = [...bearers, ...headerValues(request, 'x-api-key'), token].map((each) =>
    typeof each === 'string' ? each.trim() : '',
  );
  const tokens = new Set(candidates.filter((each) => each !== ''));
  if (tokens.size > 1)
    throw new WattduckError(
      'usage',
      'the request has two tokens that differ',
      'Send one, as Authorization: Bearer TOKEN.',
    );
  return [...tokens][0];
}

/** @throws WattduckError (forbidden) */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) {
    throw new WattduckError(
      'forbidden',
      clipped`the token "${caller.name}" may not do this`,
      `Use a token with the scope ${scope}: wattduck token create NAME --scope ${scope}.`,
    );
  }
}

/**
 * What a report tells of a token is for its bearer, and for admins.
 * @throws WattduckError (forbidden) where it is asked of another
 */
export function requireOwnToken({ parameters }: Report, params: RawParameters, caller: Caller): void {
  const otherToken = parameters
    .filter(({ role }) => role === 'caller')
    .map(({ name }) => params[name])
    .find((name) => name !== undefined && name !== caller.name);
  if (otherToken === undefined || caller.scopes.includes('admin')) return;
  throw new WattduckError(
    'forbidden',
    clipped`the token "${caller.name}" may ask for itself alone, not for "${otherToken}"`,
    'It takes a token with the scope admin to ask for others.',
  );
}
