import type { ErrorDefinition } from '../definition.ts';

export const sqlErrors = {} as const satisfies Record<string, ErrorDefinition>;
