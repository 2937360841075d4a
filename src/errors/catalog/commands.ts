import type { ErrorDefinition } from '../definition.ts';

export const commandErrors = {} as const satisfies Record<string, ErrorDefinition>;
