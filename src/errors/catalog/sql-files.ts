import type { ErrorDefinition } from '../definition.ts';

export const catalogErrors = {} as const satisfies Record<string, ErrorDefinition>;
