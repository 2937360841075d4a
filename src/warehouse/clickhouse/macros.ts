import { parseTokens, raw, type Node, type Token } from './tokens.ts';

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

  /**
   * The body of a macro with its arguments; undefined for another name.
   * @param nameOf gives a long argument that the body uses several times a name: `(argument as name)`, and `name` from then on
   * @throws Error for another number of arguments
   */
  expand(name: string, args: readonly Token[], nameOf: () => string): Node[] | undefined {
    const macro = this.#macros.get(name.toLowerCase());
    if (!macro) return undefined;
    if (args.length !== macro.parameters.length)
      throw new Error(`${name}() expects ${macro.parameters.length} arguments, found ${args.length}`);
    const nodes = (macro.nodes ??= parseTokens(macro.body, true));
    const uses = new Map(
      macro.parameters.map((parameter, at): [string, Token[]] => {
        const arg = args[at]!;
        if (arg.text.length < longArgument || countUses(nodes, parameter) < 2) return [parameter, [arg]];
        const alias = arg.alias ?? nameOf();
        return [parameter, [arg.alias ? arg : raw(`(${arg.text} as ${alias})`, alias), raw(alias)]];
      }),
    );
    return substitute(nodes, uses);
  }
}

/** Characters from which an argument is named instead of repeated. */
const longArgument = 50;

const countUses = (nodes: readonly Node[], parameter: string): number =>
  nodes.reduce(
    (count, node) =>
      count + (node.kind === 'group' ? countUses(node.nodes, parameter) : Number(node.text === parameter)),
    0,
  );

/** Replaces the parameters of a macro. @param uses what replaces the first use of a parameter, and the later ones */
const substitute = (nodes: readonly Node[], uses: ReadonlyMap<string, Token[]>): Node[] =>
  nodes.map((node, at): Node => {
    if (node.kind === 'group') return { ...node, nodes: substitute(node.nodes, uses) };
    const before = nodes[at - 1];
    const isColumn = before?.kind === 'symbol' && before.text === '.';
    const left = node.kind === 'word' && !isColumn ? uses.get(node.text) : undefined;
    return left === undefined ? node : left.length > 1 ? left.shift()! : left[0]!;
  });
