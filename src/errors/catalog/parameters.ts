import type { ErrorDefinition } from '../definition.ts';

export const parameterErrors = {} as const satisfies Record<string, ErrorDefinition>;
