import type { ErrorDefinition } from '../definition.ts';

export const httpErrors = {} as const satisfies Record<string, ErrorDefinition>;
