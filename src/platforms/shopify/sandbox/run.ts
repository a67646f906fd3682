import type { Args, Directive, Document, Fragment, Operation, Selection, Value } from './language.ts';

/** A refusal that stands at the top of the answer, as Shopify prints it. */
export class GraphqlProblem extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** An object of the API: its members are values, or functions of their arguments. */
export type Node = { __typename: string } & Record<string, unknown>;

export interface Call {
  args: Record<string, unknown>;
  /** The argument of `@idempotent`; null: the directive is missing. */
  idempotencyKey: string | null;
}

export interface RunOptions {
  document: Document;
  variables: Record<string, unknown>;
  operationName?: string | null;
  roots: { query: Node; mutation: Node };
  /** Throws when the token may not read this member. */
  guard: (type: string, field: string) => void;
}

export function operationOf(document: Document, name?: string | null): Operation {
  const found = name ? document.operations.find((one) => one.name === name) : document.operations[0];
  if (!found || (!name && document.operations.length > 1))
    throw new GraphqlProblem('An operation name is required', 'OPERATION_NAME_MISSING');
  return found;
}

/** The variables as the operation sees them; a missing one stays `undefined`, which is not the same as null. */
export function variablesOf(operation: Operation, given: Record<string, unknown>): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const { name, type, fallback } of operation.variables) {
    const value = given[name] === undefined && fallback ? resolved(fallback, {}) : given[name];
    if (type.endsWith('!') && (value === undefined || value === null))
      throw new GraphqlProblem(`Variable $${name} of type ${type} was provided invalid value`, 'INVALID_VARIABLE', {
        value: null,
        problems: [{ path: [], explanation: 'Expected value to not be null' }],
      });
    if (/^Int!?$/.test(type) && value !== undefined && value !== null && !Number.isInteger(value))
      throw new GraphqlProblem(`Variable $${name} of type ${type} was provided invalid value`, 'INVALID_VARIABLE', {
        value,
        problems: [{ path: [], explanation: `Could not coerce value ${JSON.stringify(value)} to Int` }],
      });
    all[name] = value;
  }
  return all;
}

function resolved(value: Value, variables: Record<string, unknown>): unknown {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'variable':
      return variables[value.name];
    case 'list':
      return value.values.map((one) => resolved(one, variables));
    case 'object':
      return argsOf(value.fields, variables);
  }
}

/** A variable that was not given leaves its argument out. */
export function argsOf(args: Args, variables: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    const actual = resolved(value, variables);
    if (actual !== undefined) found[name] = actual;
  }
  return found;
}

/** Runs one operation. @throws GraphqlProblem: nothing of it is answered. */
export function run(options: RunOptions): Record<string, unknown> {
  const operation = operationOf(options.document, options.operationName);
  const variables = variablesOf(operation, options.variables);
  const walker = new Walker({ ...options, variables });
  return walker.object(options.roots[operation.kind], operation.selections, []);
}

class Walker {
  constructor(private readonly options: RunOptions) {}

  object(node: Node, selections: Selection[], path: (string | number)[]): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const field of fieldsOf(node.__typename, selections, this.options)) {
      if (field.name === '__typename') {
        result[field.alias] = node.__typename;
        continue;
      }
      if (!(field.name in node))
        throw new GraphqlProblem(`Field '${field.name}' doesn't exist on type '${node.__typename}'`, 'undefinedField', {
          typeName: node.__typename,
          fieldName: field.name,
          path,
        });
      this.options.guard(node.__typename, field.name);
      const member = node[field.name];
      const key = field.directives.find(({ name }) => name === 'idempotent')?.args['key'];
      const call: Call = {
        args: argsOf(field.args, this.options.variables),
        idempotencyKey: key ? String(resolved(key, this.options.variables) ?? '') || null : null,
      };
      const value = typeof member === 'function' ? (member as (call: Call) => unknown).call(node, call) : member;
      result[field.alias] = this.value(value, field, node, [...path, field.alias]);
    }
    return result;
  }

  private value(value: unknown, field: Field, parent: Node, path: (string | number)[]): unknown {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value)) return value.map((one, index) => this.value(one, field, parent, [...path, index]));
    if (isNode(value)) {
      if (field.selections) return this.object(value, field.selections, path);
      throw new GraphqlProblem(
        `Field must have selections (field '${field.name}' returns ${value.__typename} but has no selections.)`,
        'selectionMismatch',
        { typeName: parent.__typename, fieldName: field.name },
      );
    }
    if (!field.selections) return value;
    throw new GraphqlProblem(
      `Selections can't be made on scalars (field '${field.name}' of ${parent.__typename} has selections)`,
      'selectionMismatch',
      { typeName: parent.__typename, fieldName: field.name },
    );
  }
}

type Field = Extract<Selection, { kind: 'field' }>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && '__typename' in value;

/** The fields that apply to a type, fragments opened, `@skip` and `@include` obeyed, one alias once. */
export function fieldsOf(
  type: string | null,
  selections: Selection[],
  context: { document: { fragments: Map<string, Fragment> }; variables: Record<string, unknown> },
): Field[] {
  const found = new Map<string, Field>();
  const add = (all: Selection[], depth: number): void => {
    if (depth > 20) throw new GraphqlProblem('Fragments refer to each other', 'infiniteLoop');
    for (const one of all) {
      if (!isWanted(one.directives, context.variables)) continue;
      if (one.kind === 'field') {
        const known = found.get(one.alias);
        const merged = known?.selections && one.selections ? [...known.selections, ...one.selections] : one.selections;
        found.set(one.alias, { ...one, selections: merged });
        continue;
      }
      const fragment = one.kind === 'inline' ? one : context.document.fragments.get(one.fragment);
      if (!fragment) throw new GraphqlProblem('Fragment was used, but not defined', 'useAndDefineFragment');
      if (type === null || fragment.on === null || fragment.on === type || fragment.on === 'Node')
        add(fragment.selections, depth + 1);
    }
  };
  add(selections, 0);
  return [...found.values()];
}

function isWanted(directives: Directive[], variables: Record<string, unknown>): boolean {
  return directives.every(({ name, args }) => {
    const condition = args['if'] ? resolved(args['if'], variables) : undefined;
    return name === 'skip' ? condition !== true : name === 'include' ? condition !== false : true;
  });
}
