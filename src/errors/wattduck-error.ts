import { clipValue } from '../text/plain-text.ts';
import { errorCatalog, type ErrorCode } from './catalog.ts';
import type { ErrorDefinition, ErrorValues } from './definition.ts';
import { errorKinds, type ErrorKind } from './kinds.ts';

type Definition<Code extends ErrorCode> = (typeof errorCatalog)[Code];

/** Arguments after the code: the values its message needs, and the error it comes from. */
type Arguments<Code extends ErrorCode> = keyof ErrorValues<Definition<Code>> extends never
  ? [values?: Record<never, unknown>, cause?: unknown]
  : [values: ErrorValues<Definition<Code>>, cause?: unknown];

/** Max characters of a message or hint, however many values it repeats. */
const maxLength = 4000;

const capLength = (text: string): string => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);

const fillTemplate = (template: string, values: Record<string, unknown>): string =>
  capLength(
    template
      .replaceAll(/\{(\+?)(\w+)\}/g, (_, isOwnText: string, name: string) =>
        isOwnText ? String(values[name] ?? '') : clipValue(values[name]),
      )
      .trim(),
  );

/** Values of messages with the name of a parameter. */
const parameterKeys = [
  'parameter',
  'parameters',
  'other',
  'bound',
  'start_parameter',
  'end_parameter',
  'first',
  'second',
];

/** An expected failure, defined in the error catalogue: no stack trace is printed for it. */
export class WattduckError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  /** Names in the message that may be those of parameters. */
  readonly parameters: readonly string[];
  /** The place in a text that the error is about: its line, and a caret below. */
  excerpt?: string;

  constructor(code: Code, ...[values = {}, cause]: Arguments<Code>) {
    const { kind, message, hint = '' }: ErrorDefinition = errorCatalog[code];
    super(fillTemplate(message, values), { cause });
    this.name = 'WattduckError';
    this.code = code;
    this.kind = kind;
    this.hint = fillTemplate(hint, values) || undefined;
    this.parameters = parameterKeys
      .map((key) => (values as Record<string, unknown>)[key])
      .filter((value) => typeof value === 'string');
  }

  /** Takes the kind of another error, and so its exit status. */
  withKindOf({ kind }: WattduckError): this {
    return Object.assign(this, { kind });
  }

  get exit(): number {
    return errorKinds[this.kind].exit;
  }

  /** Message and hint in one line. */
  get fullMessage(): string {
    return this.hint ? `${this.message}. ${this.hint}` : this.message;
  }
}

/** The error of a command stopped by Ctrl-C. */
export const interruptedError = (cause?: unknown): WattduckError => new WattduckError('interrupted', {}, cause);
