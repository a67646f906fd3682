import { gunzipSync } from 'node:zlib';
import * as documents from '../documents.ts';

/** What is used of the package graphql, which lives with the vendors' SDKs. */
// biome-ignore lint/suspicious/noExplicitAny: a third-party module without types here.
type Graphql = any;

/** Every GraphQL document the connector sends, by its constant's name. */
export const DOCUMENTS: [name: string, text: string][] = Object.entries(documents);

/** Shopify's published Admin schema as something that documents, variables and answers can be held against. */
export class AdminSchema {
  readonly #graphql: Graphql;
  readonly #schema: Graphql;

  constructor(graphql: Graphql, gzipped: Uint8Array) {
    this.#graphql = graphql;
    const introspection = JSON.parse(gunzipSync(gzipped).toString('utf8'));
    this.#schema = graphql.buildClientSchema(introspection.data ?? introspection);
  }

  /** Everything that is wrong with a document; empty when it is good. */
  faults(text: string): string[] {
    const { parse, validate } = this.#graphql;
    return validate(this.#schema, parse(text)).map((error: Error) => error.message);
  }

  /** Everything that is wrong with the variables sent along. */
  variableFaults(text: string, variables: Record<string, unknown>): string[] {
    const { parse, getVariableValues } = this.#graphql;
    const operation = parse(text).definitions.find((one: Graphql) => one.kind === 'OperationDefinition');
    const { errors = [] } = getVariableValues(this.#schema, operation.variableDefinitions ?? [], variables);
    const known = new Set(
      (operation.variableDefinitions ?? []).map((one: Graphql) => one.variable.name.value as string),
    );
    const unknown = Object.keys(variables).filter((name) => !known.has(name));
    return [...errors.map((error: Error) => error.message), ...unknown.map((name) => `$${name} is not declared`)];
  }

  /**
   * Runs the document over the data of an answer: each selected field must be there, of the schema's type, enums and scalars
   * included, nothing null that may not be, and nothing more than was selected.
   */
  answerFaults(text: string, variables: Record<string, unknown>, data: unknown): string[] {
    const { parse, executeSync, isAbstractType } = this.#graphql;
    const missing: string[] = [];
    const result = executeSync({
      schema: this.#schema,
      document: parse(text),
      variableValues: variables,
      rootValue: data,
      fieldResolver: (source: Graphql, _args: unknown, _context: unknown, info: Graphql) => {
        const alias = info.path.key as string;
        if (!(alias in source)) missing.push(`${info.parentType.name}.${info.fieldName} is missing`);
        return source[alias];
      },
      typeResolver: (value: Graphql, _context: unknown, _info: unknown, type: Graphql) =>
        isAbstractType(type) ? (value.__typename ?? guess(value)) : undefined,
    });
    const faults = [...missing, ...(result.errors ?? []).map((error: Error) => `${error.message}`)];
    if (faults.length === 0 && JSON.stringify(result.data) !== JSON.stringify(data))
      faults.push('the answer holds more or other');
    return faults;
  }
}

/** `nodes` of items alone, where no `__typename` was asked for. */
const guess = (value: { id?: string }): string =>
  /^gid:\/\/shopify\/(\w+)\//.exec(value.id ?? '')?.[1] ?? 'InventoryItem';
