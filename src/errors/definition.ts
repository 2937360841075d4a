import type { ErrorKind } from './kinds.ts';

/**
 * One expected failure. `message` names the problem and the value seen; `hint` names the next step.
 * `{name}` is a value from outside: control characters are removed and long values are clipped.
 * `{+name}` is text of our own, inserted as it is; an empty one leaves nothing behind.
 */
export interface ErrorDefinition {
  kind: ErrorKind;
  message: string;
  hint?: string;
}

type PlaceholderNames<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `+${infer Plain}` ? Plain : Name) | PlaceholderNames<Rest>
  : never;

/** The values the message and hint of a definition need, by name. */
export type ErrorValues<Definition extends ErrorDefinition> = Record<
  PlaceholderNames<Definition['message']> | PlaceholderNames<Definition['hint']>,
  unknown
>;
