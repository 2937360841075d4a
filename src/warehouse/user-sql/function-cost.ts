import { isPlainObject } from '../../catalog/plain-object.ts';
import type { Node } from '../../catalog/parse-tree.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import {
  formatFunctions,
  jsonPathFunctions,
  likeFunctions,
  paddingFunctions,
  rangeFunctions,
  regexFunctions,
  topAggregates,
  type FunctionKind,
} from './functions.ts';
import { argumentNotAllowed, limits } from './limits.ts';
import { makeSize, maxElements, smallValueBytes, unboundedError, type Size } from './size.ts';

/** A function call: its arguments as syntax nodes, and their sizes. */
export interface Call {
  name: string;
  argNodes: readonly Node[];
  argSizes: readonly Size[];
}

export interface FunctionCost {
  size: Size;
  /** Maximum steps of one call; 0 if it needs only a few per byte. */
  steps: number;
}

/** Functions allowed on a collected value: they need its length or one element. The parser rewrites list(x order by x) to list_sort(list(x)). */
const functionsOfCollected = new Set([
  'list_sort',
  'list_reverse_sort',
  'len',
  'length',
  'strlen',
  'array_length',
  'cardinality',
  'unnest',
  'list_extract',
  'array_extract',
  'list_element',
  'element_at',
  'struct_extract',
  'count',
  'typeof',
]);

const listConstructors = new Set(['list_value', 'list_pack', 'array_value']);

/** Bounds the size of a result and the steps of a call. @throws WattduckError (usage) for arguments without a bound */
export function functionCost(call: Call, kind: FunctionKind): FunctionCost {
  const { name, argSizes } = call;
  if (argSizes.some(({ bytes }) => bytes === Infinity) && !functionsOfCollected.has(name))
    throw unboundedError(`${name}()`);
  const [sum, max] = [
    argSizes.reduce((all, { bytes }) => all + bytes, 0),
    Math.max(16, ...argSizes.map(({ bytes }) => bytes)),
  ];

  if (kind === 'small') return cost(smallValueBytes);
  if (kind === 'part')
    return name.startsWith('quantile') && argSizes.length > 1
      ? cost(max * maxElements(argSizes[1]!))
      : { size: { ...makeSize(max), ...elementInfo(argSizes[0]) }, steps: 0 };
  if (kind === 'element') return cost(argSizes[0]?.element ?? max);
  if (kind === 'growing') return { size: { ...makeSize(Infinity), element: sum + 16 }, steps: 0 };
  if (kind === 'top') return cost(max * keptRows(call));
  if (kind === 'searching')
    return cost(
      smallValueBytes,
      argSizes.reduce((product, { bytes }) => product * bytes, 1),
    );
  if (name === 'array_to_string' || name === 'list_string_agg')
    return cost(sum + maxElements(argSizes[0]!) * (argSizes[1]?.bytes ?? 1));
  if (kind === 'joined')
    return {
      size: {
        ...makeSize(sum + 16 * argSizes.length),
        element: max,
        ...(listConstructors.has(name) ? { count: argSizes.length } : {}),
      },
      steps: 0,
    };
  if (typeof kind === 'object')
    return { size: { ...makeSize(kind.factor * sum), ...(kind.factor === 17 ? { element: max } : {}) }, steps: 0 };
  return specialCost(call, sum, max);
}

const cost = (bytes: number, steps = 0): FunctionCost => ({ size: makeSize(bytes), steps });

/** Size and number of the elements of a list, if known. */
const elementInfo = ({ element, count }: Partial<Size> = {}): Partial<Size> => ({
  ...(element === undefined ? {} : { element }),
  ...(count === undefined ? {} : { count }),
});

function specialCost(call: Call, sum: number, max: number): FunctionCost {
  const { name, argNodes, argSizes } = call;
  const subject = argSizes[0]?.bytes ?? 16;
  if (likeFunctions.has(name)) return cost(smallValueBytes, likeSteps(call, subject));
  // With one argument, ~ inverts the bits of a number; with two, it matches a pattern.
  if (name === '~' && argSizes.length === 1) return cost(smallValueBytes);
  if (regexFunctions.has(name)) {
    const steps = subject * regexStates(call);
    if (name === 'regexp_replace') return cost(subject * ((argSizes[2]?.bytes ?? 0) + 1), steps);
    if (name === 'regexp_extract') return cost(subject * Math.max(1, (argSizes[2]?.bytes ?? 16) / 16), steps);
    return /all|split/.test(name)
      ? { size: { ...makeSize(17 * subject), element: subject }, steps }
      : cost(smallValueBytes, steps);
  }
  if (jsonPathFunctions.has(name)) {
    if (argSizes.length > 1) checkJsonPath(call);
    return cost(max);
  }
  if (paddingFunctions.has(name)) {
    const times = constantNumber(argNodes[1]);
    if (times === undefined || times > limits.repeatedLength)
      throw argumentNotAllowed(
        name,
        `a constant length of at most ${limits.repeatedLength}`,
        'Write a smaller number.',
      );
    return cost(name === 'repeat' ? subject * Math.max(1, times) : subject + 4 * Math.max(0, times));
  }
  if (rangeFunctions.has(name)) {
    const count = rangeElements(call);
    return { size: { ...makeSize(16 * count), element: 16, count }, steps: 0 };
  }
  if (formatFunctions.has(name)) return cost(formatLength(call) + sum);
  if (name === 'concat_ws') return cost(sum + subject * argSizes.length);
  if (name === 'replace')
    return cost(
      (argSizes[1]?.bytes ?? 0) === 0 ? subject : subject * Math.max(1, argSizes[2]?.bytes ?? 1),
      subject * (argSizes[1]?.bytes ?? 1),
    );
  return cost(sum);
}

/** Text of a constant argument. */
const constantText = (node: Node | undefined): string | undefined =>
  node?.['class'] === 'CONSTANT' && isPlainObject(node['value']) ? String(node['value']['value']) : undefined;

const constantNumber = (node: Node | undefined): number | undefined => {
  const text = constantText(node);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
};

function patternOf({ name, argNodes }: Call): string {
  const pattern = constantText(argNodes[1]);
  if (pattern === undefined)
    throw argumentNotAllowed(name, 'a constant pattern', 'Write the pattern itself, or use contains(text, part).');
  if (pattern.length > limits.patternLength)
    throw new WattduckError('pattern_too_long', { length: pattern.length, max: limits.patternLength });
  return pattern;
}

/** DuckDB tries every position for every %, unless % is the only wildcard in a LIKE pattern. */
function likeSteps(call: Call, subject: number): number {
  const pattern = patternOf(call);
  const wildcards = pattern.match(call.name === '~~~' ? /\*+/g : /%+/g)?.length ?? 0;
  if (['~~', '!~~'].includes(call.name) && !/[_\\]/.test(pattern)) return subject * pattern.length;
  return subject ** Math.max(1, wildcards);
}

/** States of a regular expression: its length times all its repeat counts. */
function regexStates(call: Call): number {
  const pattern = patternOf(call);
  const others = call.name === 'regexp_replace' ? [] : call.argNodes.slice(2);
  if (others.some((other) => other['class'] === 'COLUMN_REF'))
    throw argumentNotAllowed(call.name, 'constants after the pattern', 'Write a constant.');
  return [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce(
    (states, [, from, to]) => states * Math.max(1, Number(to || from)),
    pattern.length,
  );
}

/** A path with several wildcards, or from a column, could return every part of a document many times. */
function checkJsonPath(call: Call): void {
  const pathNode = call.argNodes[1]!;
  const paths =
    pathNode['class'] === 'FUNCTION'
      ? ((pathNode['children'] as Node[] | undefined) ?? []).map(constantText)
      : [constantText(pathNode)];
  for (const path of paths) {
    if (path === undefined)
      throw argumentNotAllowed(call.name, 'a constant path', "Write the path itself, for example '$.price'.");
    if (/\*.*\*|\.\./.test(path)) throw argumentNotAllowed(call.name, 'a path with at most one *', 'Name the keys.');
  }
}

function keptRows(call: Call): number {
  const index = topAggregates.get(call.name) ?? 1;
  if (call.argNodes.length <= index) return 1;
  const rows = constantNumber(call.argNodes[index]);
  if (rows === undefined || rows > limits.repeatedLength)
    throw argumentNotAllowed(
      call.name,
      `a constant number of rows of at most ${limits.repeatedLength}`,
      'Order the rows and use limit.',
    );
  return Math.max(1, rows);
}

function rangeElements({ name, argNodes }: Call): number {
  const numbers = argNodes.map(constantNumber);
  const [from, to, step] = numbers.length === 1 ? [0, numbers[0], 1] : [numbers[0], numbers[1], numbers[2] ?? 1];
  const isKnown = !numbers.includes(undefined) && from !== undefined && to !== undefined && step !== 0;
  const elements = isKnown ? Math.max(0, Math.ceil((to - from) / step)) + 1 : Infinity;
  if (elements > limits.rangeElements)
    throw argumentNotAllowed(
      name,
      `constants and at most ${limits.rangeElements} elements`,
      `Use it in from: from ${name}(…).`,
    );
  return elements;
}

/** Maximum length of a formatted text, without the arguments; a format may contain a width. */
function formatLength({ name, argNodes }: Call): number {
  const isDate = name !== 'format' && name !== 'printf';
  const format = constantText(isDate ? argNodes[1] : argNodes[0]);
  if (format === undefined || format.length > limits.patternLength)
    throw argumentNotAllowed(name, 'a short constant format', "Write the format itself, for example '%Y-%m'.");
  if (!isDate && (/\d{3,}|\*/.test(format) || /\{[^}]*\{/.test(format)))
    throw argumentNotAllowed(name, 'constant widths of at most 99', 'Write a smaller width.');
  return isDate ? 16 * format.length : 100 * format.length;
}
