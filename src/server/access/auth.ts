import type { FastifyRequest } from 'fastify';
import type { RawParameters, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { headerValues } from './header-values.ts';
import type { Caller, Scope } from './tokens.ts';

/**
 * The token of a request, from Authorization, X-API-Key or ?token=.
 * @throws WattduckError (conflicting_tokens): a proxy or log might use the other one
 */
export function tokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as Record<string, unknown>;
  if (Array.isArray(token)) throw new WattduckError('repeated_query_parameter', { name: 'token' });
  const bearers = headerValues(request, 'authorization').map((value) => /^Bearer\s+(.*)$/i.exec(value)?.[1]);
  const candidates = [...bearers, ...headerValues(request, 'x-api-key'), token].map((each) =>
    typeof each === 'string' ? each.trim() : '',
  );
  const tokens = new Set(candidates.filter((each) => each !== ''));
  if (tokens.size > 1) throw new WattduckError('conflicting_tokens');
  return [...tokens][0];
}

/** @throws WattduckError (scope_required) */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) throw new WattduckError('scope_required', { token: caller.name, scope });
}

/**
 * Usage of a token is for its holder and for admins.
 * @throws WattduckError (other_token_forbidden)
 */
export function requireOwnToken({ parameters }: Report, params: RawParameters, caller: Caller): void {
  const otherToken = parameters
    .filter(({ role }) => role === 'caller')
    .map(({ name }) => params[name])
    .find((name) => name !== undefined && name !== caller.name);
  if (otherToken === undefined || caller.scopes.includes('admin')) return;
  throw new WattduckError('other_token_forbidden', { token: caller.name, other: otherToken });
}
