import type { ErrorDefinition } from '../definition.ts';

export const ingestErrors = {} as const satisfies Record<string, ErrorDefinition>;
