/** One row of a table; a column that is null is left out of answers. Times are clock readings, as they are printed. */
export type SqlRow = Record<string, string | number | null>;

/** What is known of the rows asked for: a table may use it to look at fewer. Column to the values it may have. */
export interface Hints {
  equal: Map<string, (string | number)[]>;
  /** Lower bounds. */
  from: Map<string, string | number>;
  /** One of these columns has this value. */
  either: { column: string; value: string | number }[] | undefined;
}

export type Tables = Record<string, (hints: Hints) => Iterable<SqlRow>>;

/** SuiteQL's word for what it does not understand. */
export class SqlError extends Error {}

type Scope = Record<string, SqlRow | null>;
type Value = (scope: Scope) => string | number | null;
type Test = (scope: Scope) => boolean;
interface Column {
  alias: string;
  column: string;
}
/** What a value is made of, where that is plain enough to be a hint. */
interface Term {
  value: Value;
  name?: string;
  column?: Column;
  literal?: string | number;
}
interface Condition {
  test: Test;
  /** Conditions that all hold. */
  all?: Condition[];
  any?: Condition[];
  hint?: { column: Column; op: '=' | '>='; values: (string | number)[] };
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|([A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)?)|(<=|>=|<>|!=|[=<>(),*]))/y;

/**
 * As much of SuiteQL as a connector asks for: columns, TO_CHAR and TO_DATE, inner and left joins on one equality,
 * AND, OR, IN, IS NULL, comparisons, ORDER BY. Whatever else is asked for is refused, never passed over.
 * @throws SqlError
 */
export function runSql(text: string, tables: Tables): SqlRow[] {
  return new Query(text).run(tables);
}

class Query {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    const pattern = new RegExp(TOKEN.source, 'y');
    const end = text.trimEnd().length;
    while (pattern.lastIndex < end) {
      const start = pattern.lastIndex;
      const match = pattern.exec(text);
      if (!match) throw new SqlError(`unexpected text near "${text.slice(start, start + 20)}"`);
      this.#tokens.push(match[0].trim());
    }
  }

  run(tables: Tables): SqlRow[] {
    this.#need('SELECT');
    const columns = this.#list(() => {
      const term = this.#term();
      const name = this.#take('AS') ? this.#next() : (term.name ?? 'expression');
      return { name: name.toLowerCase(), value: term.value };
    });
    this.#need('FROM');
    const base = this.#source(tables);
    const joins: { alias: string; table: Tables[string]; left: boolean; on: [Column, Column] }[] = [];
    for (;;) {
      const left = this.#take('LEFT');
      if (left) this.#take('OUTER');
      else this.#take('INNER');
      if (!this.#take('JOIN')) break;
      const { alias, table } = this.#source(tables);
      this.#need('ON');
      const one = this.#term().column;
      this.#need('=');
      const other = this.#term().column;
      if (!one || !other) throw new SqlError('joins are on one column and another');
      joins.push({ alias, table, left, on: one.alias === alias ? [one, other] : [other, one] });
    }
    const where = this.#take('WHERE') ? this.#or() : undefined;
    const order: Value[] = [];
    if (this.#take('ORDER')) {
      this.#need('BY');
      order.push(...this.#list(() => this.#term().value));
    }
    if (this.#at < this.#tokens.length) throw new SqlError(`unexpected ${this.#tokens[this.#at]}`);

    let scopes: Scope[] = [];
    for (const row of base.table(hintsFor(base.alias, where, joins.length === 0))) scopes.push({ [base.alias]: row });
    for (const { alias, table, left, on } of joins) {
      const joined: Scope[] = [];
      // What the WHERE asks of this table plainly: rows that it would drop need not be made.
      const hints = hintsFor(alias, where, false);
      for (const scope of scopes) {
        const wanted = cellOf(on[1], scope);
        let met = false;
        if (wanted !== null)
          for (const row of table({ ...hints, equal: new Map(hints.equal).set(on[0].column, [wanted]) })) {
            if (compare(row[on[0].column] ?? null, wanted) !== 0) continue;
            met = true;
            joined.push({ ...scope, [alias]: row });
          }
        if (!met && left) joined.push({ ...scope, [alias]: null });
      }
      scopes = joined;
    }
    if (where) scopes = scopes.filter(where.test);
    const keyed = scopes.map((scope) => ({ scope, keys: order.map((value) => value(scope)) }));
    keyed.sort((a, b) => {
      for (let index = 0; index < order.length; index++) {
        const sign = compare(a.keys[index]!, b.keys[index]!);
        if (sign !== 0) return sign ?? 0;
      }
      return 0;
    });
    return keyed.map(({ scope }) => Object.fromEntries(columns.map(({ name, value }) => [name, value(scope)])));
  }

  #source(tables: Tables): { alias: string; table: Tables[string] } {
    const name = this.#next().toLowerCase();
    const table = tables[name];
    if (!table) throw new SqlError(`Record '${name}' was not found`);
    const follows = this.#tokens[this.#at]?.toUpperCase() ?? '';
    const isAlias = /^[A-Z_]\w*$/.test(follows) && !['WHERE', 'JOIN', 'LEFT', 'INNER', 'ORDER', 'ON'].includes(follows);
    return { alias: isAlias ? this.#next().toLowerCase() : '', table };
  }

  #or(): Condition {
    const any = [this.#and()];
    while (this.#take('OR')) any.push(this.#and());
    return any.length === 1 ? any[0]! : { test: (scope) => any.some(({ test }) => test(scope)), any };
  }

  #and(): Condition {
    const all = [this.#condition()];
    while (this.#take('AND')) all.push(this.#condition());
    return all.length === 1 ? all[0]! : { test: (scope) => all.every(({ test }) => test(scope)), all };
  }

  #condition(): Condition {
    if (this.#take('(')) {
      const inner = this.#or();
      this.#need(')');
      return inner;
    }
    const left = this.#term();
    if (this.#take('IS')) {
      const not = this.#take('NOT');
      this.#need('NULL');
      return { test: (scope) => (left.value(scope) === null) !== not };
    }
    if (this.#take('IN')) {
      this.#need('(');
      const values = this.#list(() => this.#term().literal);
      this.#need(')');
      const literals = values.filter((value) => value !== undefined);
      const test: Test = (scope) => literals.some((value) => compare(left.value(scope), value) === 0);
      return { test, ...(left.column && { hint: { column: left.column, op: '=' as const, values: literals } }) };
    }
    const op = this.#next();
    const right = this.#term();
    const test = testOf(op, left.value, right.value);
    const { column } = left;
    const { literal } = right;
    if (column && literal !== undefined && (op === '=' || op === '>='))
      return { test, hint: { column, op, values: [literal] } };
    return { test };
  }

  #term(): Term {
    const token = this.#next();
    if (token.startsWith("'")) {
      const literal = token.slice(1, -1).replaceAll("''", "'");
      return { value: () => literal, literal };
    }
    if (/^\d/.test(token)) {
      const literal = Number(token);
      return { value: () => literal, literal };
    }
    if (!/^[A-Za-z_]/.test(token)) throw new SqlError(`unexpected ${token}`);
    if (this.#take('(')) return this.#call(token.toUpperCase());
    const parts = token.toLowerCase().split('.');
    const column = parts.length === 1 ? { alias: '', column: parts[0]! } : { alias: parts[0]!, column: parts[1]! };
    return { value: (scope) => cellOf(column, scope), name: column.column, column };
  }

  /** Times are kept as they are printed, so both change nothing; another format would. */
  #call(name: string): Term {
    const inner = this.#term();
    this.#need(',');
    const format = this.#term().literal;
    this.#need(')');
    if (format !== 'YYYY-MM-DD HH24:MI:SS' || (name !== 'TO_CHAR' && name !== 'TO_DATE'))
      throw new SqlError(`Invalid or unsupported function ${name} with ${format}`);
    return { value: inner.value, ...(inner.literal !== undefined && { literal: inner.literal }) };
  }

  #list<T>(one: () => T): T[] {
    const list = [one()];
    while (this.#take(',')) list.push(one());
    return list;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SqlError('the query ends too soon');
    return token;
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== word) return false;
    this.#at++;
    return true;
  }

  #need(word: string): void {
    if (!this.#take(word)) throw new SqlError(`${word} expected, not ${this.#tokens[this.#at] ?? 'the end'}`);
  }
}

function cellOf({ alias, column }: Column, scope: Scope): string | number | null {
  const row = scope[alias];
  if (row === undefined) throw new SqlError(`Unknown alias '${alias}'`);
  if (row === null) return null;
  const value = row[column];
  if (value === undefined) throw new SqlError(`Unknown identifier '${column}'`);
  return value;
}

/** undefined where one is null: neither smaller nor larger, nor equal. */
function compare(a: string | number | null, b: string | number | null): number | undefined {
  if (a === null || b === null) return undefined;
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function testOf(op: string, left: Value, right: Value): Test {
  const holds: Record<string, (sign: number) => boolean> = {
    '=': (sign) => sign === 0,
    '<>': (sign) => sign !== 0,
    '!=': (sign) => sign !== 0,
    '<': (sign) => sign < 0,
    '>': (sign) => sign > 0,
    '<=': (sign) => sign <= 0,
    '>=': (sign) => sign >= 0,
  };
  const hold = holds[op];
  if (!hold) throw new SqlError(`unexpected ${op}`);
  return (scope) => {
    const sign = compare(left(scope), right(scope));
    return sign !== undefined && hold(sign);
  };
}

/** What every row of this table must fulfil, as far as it stands plainly in the WHERE. */
function hintsFor(alias: string, where: Condition | undefined, only: boolean): Hints {
  const hints: Hints = { equal: new Map(), from: new Map(), either: undefined };
  const ours = (column: Column) => column.alias === alias || (only && column.alias === '');
  for (const condition of where?.all ?? (where ? [where] : [])) {
    const { hint, any } = condition;
    if (hint && ours(hint.column)) {
      if (hint.op === '=') hints.equal.set(hint.column.column, hint.values);
      else hints.from.set(hint.column.column, hint.values[0]!);
    }
    const either = any?.flatMap((one) =>
      one.hint?.op === '=' && ours(one.hint.column)
        ? one.hint.values.map((value) => ({ column: one.hint!.column.column, value }))
        : [null],
    );
    if (either?.every((one) => one !== null)) hints.either = either;
  }
  return hints;
}
