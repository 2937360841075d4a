/** Collects lines until a statement is complete: a semicolon outside of quotes and comments ends it. */
export class StatementReader {
  #text = '';

  get isEmpty(): boolean {
    return this.#text.trim() === '';
  }

  clear(): void {
    this.#text = '';
  }

  /** Adds a line. Returns the statements that it completes. */
  add(line: string): string[] {
    this.#text += `${line}\n`;
    const statements: string[] = [];
    for (let end = statementEnd(this.#text); end !== undefined; end = statementEnd(this.#text)) {
      const statement = this.#text.slice(0, end).trim();
      if (statement !== ';') statements.push(statement);
      this.#text = this.#text.slice(end);
    }
    if (this.isEmpty) this.clear();
    return statements;
  }
}

/** Quoted texts and comments, which may contain a semicolon; those without an end reach to the end of the text. */
const opaque = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$\$[\s\S]*?(?:\$\$|$)|;/g;

/** Index after the first semicolon that ends a statement. */
function statementEnd(text: string): number | undefined {
  for (const match of text.matchAll(opaque)) if (match[0] === ';') return match.index + 1;
  return undefined;
}
