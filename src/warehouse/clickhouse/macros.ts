import { parseTokens, type Node } from './tokens.ts';

/** A macro of the prelude or of the user. */
interface Macro {
  parameters: string[];
  body: string;
  nodes?: Node[];
}

const header =
  /^\s*create\s+(?:or\s+replace\s+)?(?:temp\s+|temporary\s+)?(?:macro|function)\s+(\w+)\s*\(([^)]*)\)\s*as\s/gim;

/** Macros by name: the last definition of a name wins. */
export class Macros {
  readonly #macros = new Map<string, Macro>();

  /** Reads the macros that statements create. */
  add(sql: string): this {
    const starts = [...sql.matchAll(header)];
    for (const [at, { index, 0: text, 1: name, 2: parameters }] of starts.entries()) {
      const rest = sql.slice(index + text.length, starts[at + 1]?.index);
      this.#macros.set(name!.toLowerCase(), {
        parameters: parameters!.split(',').flatMap((each) => each.trim() || []),
        body: rest,
      });
    }
    return this;
  }

  /** Names and parameters, for tests. */
  signatures(): Map<string, string[]> {
    return new Map([...this.#macros].map(([name, { parameters }]) => [name, parameters]));
  }

  copy(): Macros {
    const copy = new Macros();
    for (const [name, macro] of this.#macros) copy.#macros.set(name, macro);
    return copy;
  }

  /** The body of a macro with its arguments; undefined for another name. @throws Error for another number of arguments */
  expand(name: string, args: readonly Node[]): Node[] | undefined {
    const macro = this.#macros.get(name.toLowerCase());
    if (!macro) return undefined;
    if (args.length !== macro.parameters.length)
      throw new Error(`${name}() expects ${macro.parameters.length} arguments, found ${args.length}`);
    const values = new Map(macro.parameters.map((parameter, at) => [parameter, args[at]!]));
    return substitute((macro.nodes ??= parseTokens(macro.body, true)), values);
  }
}

/** Replaces the parameters of a macro. */
const substitute = (nodes: readonly Node[], values: ReadonlyMap<string, Node>): Node[] =>
  nodes.map((node, at): Node => {
    if (node.kind === 'group') return { ...node, nodes: substitute(node.nodes, values) };
    const before = nodes[at - 1];
    const isColumn = before?.kind === 'symbol' && before.text === '.';
    return (node.kind === 'word' && !isColumn && values.get(node.text)) || node;
  });
