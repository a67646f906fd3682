import {
  type Args,
  type Directive,
  type Document,
  type Operation,
  type Selection,
  SyntaxProblem,
  type Token,
  tokensOf,
  type Value,
} from './language.ts';

/** Nesting that no honest client needs; a deeper document would exhaust the stack. */
const DEPTH_MAX = 60;

const CONSTANTS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** @throws SyntaxProblem on anything that is not an executable document. */
export function parse(source: string): Document {
  return new Parser(tokensOf(source)).document();
}

class Parser {
  private at = 0;
  private depth = 0;
  constructor(private readonly tokens: Token[]) {}

  document(): Document {
    const document: Document = { operations: [], fragments: new Map() };
    while (this.token.kind !== 'end') {
      if (this.isMark('{')) {
        document.operations.push({ kind: 'query', name: null, variables: [], selections: this.selections() });
        continue;
      }
      const word = this.name();
      if (word === 'query' || word === 'mutation') document.operations.push(this.operation(word));
      else if (word === 'fragment') {
        const name = this.name();
        if (this.name() !== 'on') this.wrong('"on"');
        const on = this.name();
        this.directives();
        document.fragments.set(name, { on, selections: this.selections() });
      } else this.wrong('query, mutation or fragment');
    }
    if (document.operations.length === 0) this.wrong('an operation');
    return document;
  }

  private operation(kind: Operation['kind']): Operation {
    const name = this.token.kind === 'name' ? this.name() : null;
    const variables: Operation['variables'] = [];
    if (this.took('('))
      while (!this.took(')')) {
        this.mark('$');
        const variable = this.name();
        this.mark(':');
        const type = this.type();
        variables.push({ name: variable, type, fallback: this.took('=') ? this.value() : undefined });
      }
    this.directives();
    return { kind, name, variables, selections: this.selections() };
  }

  private type(): string {
    let text: string;
    if (this.took('[')) {
      text = `[${this.nested(() => this.type())}]`;
      this.mark(']');
    } else text = this.name();
    return this.took('!') ? `${text}!` : text;
  }

  private selections(): Selection[] {
    return this.nested(() => {
      const found: Selection[] = [];
      this.mark('{');
      while (!this.took('}')) found.push(this.selection());
      if (found.length === 0) this.wrong('a field');
      return found;
    });
  }

  private selection(): Selection {
    if (this.took('...')) {
      if (this.token.kind === 'name' && this.token.text !== 'on')
        return { kind: 'spread', fragment: this.name(), directives: this.directives() };
      let on: string | null = null;
      if (this.token.kind === 'name') {
        this.name();
        on = this.name();
      }
      return { kind: 'inline', on, directives: this.directives(), selections: this.selections() };
    }
    const alias = this.name();
    const name = this.took(':') ? this.name() : alias;
    const args = this.args();
    const directives = this.directives();
    return { kind: 'field', alias, name, args, directives, selections: this.isMark('{') ? this.selections() : null };
  }

  private args(): Args {
    return this.took('(') ? this.named(')') : {};
  }

  private directives(): Directive[] {
    const found: Directive[] = [];
    while (this.took('@')) found.push({ name: this.name(), args: this.args() });
    return found;
  }

  private named(end: string): Args {
    const found: Args = {};
    while (!this.took(end)) {
      const key = this.name();
      this.mark(':');
      found[key] = this.value();
    }
    return found;
  }

  private value(): Value {
    return this.nested((): Value => {
      if (this.took('$')) return { kind: 'variable', name: this.name() };
      if (this.took('{')) return { kind: 'object', fields: this.named('}') };
      if (this.took('[')) {
        const values: Value[] = [];
        while (!this.took(']')) values.push(this.value());
        return { kind: 'list', values };
      }
      const { kind, text } = this.token;
      if (kind === 'mark' || kind === 'end') this.wrong('a value');
      this.at += 1;
      if (kind === 'number') return { kind: 'constant', value: Number(text) };
      const constant = kind === 'name' ? CONSTANTS.get(text) : undefined;
      // Other names are enum values, which travel as their text.
      return { kind: 'constant', value: constant === undefined ? text : constant };
    });
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private isMark(text: string): boolean {
    return this.token.kind === 'mark' && this.token.text === text;
  }

  private took(text: string): boolean {
    if (!this.isMark(text)) return false;
    this.at += 1;
    return true;
  }

  private mark(text: string): void {
    if (!this.took(text)) this.wrong(`"${text}"`);
  }

  private name(): string {
    const { kind, text } = this.token;
    if (kind !== 'name') this.wrong('a name');
    this.at += 1;
    return text;
  }

  private nested<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) throw new SyntaxProblem('the document is nested too deep');
    const value = read();
    this.depth -= 1;
    return value;
  }

  private wrong(wanted: string): never {
    throw new SyntaxProblem(`syntax error, unexpected ${JSON.stringify(this.token.text)}, expecting ${wanted}`);
  }
}
