import { foldName } from './limits.ts';
import { makeSize, smallValueBytes, type Size } from './size.ts';

export interface Relation {
  name: string;
  columns: readonly NamedSize[];
}

export interface NamedSize {
  name: string;
  size: Size;
}

/** Names that an expression can refer to. */
export interface Scope {
  relations: readonly Relation[];
  /** Aliases of earlier items in the select list, and parameters of lambdas. */
  aliases: Map<string, Size>;
  outer?: Scope | undefined;
  ctes: ReadonlyMap<string, readonly NamedSize[]>;
  /** Number of times the expression is computed for one row. */
  repeats: number;
}

/** An optional value as a list of at most one. */
export const toList = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
export const totalExpressions = (sizes: readonly Size[]): number =>
  sizes.reduce((sum, { expressions }) => sum + expressions, 0);
export const allColumns = ({ relations }: Scope): NamedSize[] => relations.flatMap(({ columns }) => [...columns]);
/** A column of a subquery: it is computed once, however many expressions it has. */
export const asColumn = ({ name, size }: NamedSize): NamedSize => ({ name, size: { ...size, expressions: 1 } });

export function maxSize(sizes: readonly Size[]): Size {
  const elements = sizes.flatMap(({ element }) => toList(element));
  const isCounted = sizes.every(({ count }) => count !== undefined);
  return {
    bytes: Math.max(16, ...sizes.map(({ bytes }) => bytes)),
    ...(elements.length > 0 ? { element: Math.max(...elements) } : {}),
    ...(isCounted && sizes.length > 0 ? { count: Math.max(...sizes.map((size) => size.count!)) } : {}),
    expressions: Math.max(1, ...sizes.map(({ expressions }) => expressions)),
  };
}

/** Renames columns by an alias list, which may be shorter. */
export function applyAliases(columns: readonly NamedSize[], names: unknown): readonly NamedSize[] {
  if (!Array.isArray(names) || names.length === 0) return columns;
  return columns.map((column, place) =>
    typeof names[place] === 'string' ? { ...column, name: foldName(names[place]) } : column,
  );
}

/** Columns of a union, by position or by name. */
export function unionColumns(left: readonly NamedSize[], right: readonly NamedSize[], isByName: boolean): NamedSize[] {
  const size = maxSize([...left, ...right].map((column) => column.size));
  const additional = right.filter(({ name }) => !left.some((column) => column.name === name));
  return [...left, ...(isByName ? additional : right.slice(left.length))].map(({ name }) => ({ name, size }));
}

/**
 * The size of a reference to a column, a field or a whole row: the maximum of all matches. An unknown name, such as a
 * column of a pivot, counts as the largest column in scope.
 */
export function lookUpSize(names: readonly string[], scope: Scope | undefined): Size {
  const folded = names.map(foldName);
  const found: Size[] = [];
  const all: Size[] = [];
  for (let current = scope; current; current = current.outer) {
    all.push(...allColumns(current).map(({ size }) => size));
    for (const name of folded) {
      found.push(...toList(current.aliases.get(name)));
      for (const relation of current.relations) {
        for (const column of relation.columns) if (column.name === name) found.push(column.size);
        if (relation.name === name && folded.length === 1)
          found.push(makeSize(relation.columns.reduce((sum, { size }) => sum + size.bytes, 0)));
      }
    }
  }
  return maxSize(found.length > 0 ? found : [...all, makeSize(smallValueBytes)]);
}
