import type { ErrorDefinition } from '../definition.ts';

export const databaseErrors = {} as const satisfies Record<string, ErrorDefinition>;
