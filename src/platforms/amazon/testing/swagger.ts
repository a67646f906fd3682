import type { HttpRequest } from '../../../platform/http.ts';
import { bodyText } from '../../../platform/http.ts';
import { isRecord, list, record, text } from '../shape.ts';

/** What of ajv is used here; the package itself lives with the vendors' SDKs. */
export interface Validator {
  (value: unknown): boolean;
  errors?: unknown;
}
export interface SchemaCompiler {
  addSchema(schema: unknown, key: string): unknown;
  compile(schema: unknown): Validator;
}

type Fields = Record<string, unknown>;

/**
 * A Swagger 2.0 model as something that requests and answers can be held against: path, method, every parameter by its
 * schema (unknown ones are faults), the body, and answers by status.
 */
export class SwaggerModel {
  readonly #compiler: SchemaCompiler;
  readonly #model: Fields;
  readonly #name: string;

  constructor(compiler: SchemaCompiler, name: string, model: unknown) {
    this.#compiler = compiler;
    this.#name = name;
    this.#model = record(model);
    compiler.addSchema({ $id: name, definitions: this.#model['definitions'] }, name);
  }

  /** The operation that a request calls; undefined when the model has none for it. */
  operationOf(request: Pick<HttpRequest, 'method' | 'url'>): { template: string; operation: Fields } | undefined {
    const { pathname } = new URL(request.url);
    for (const [template, methods] of Object.entries(record(this.#model['paths']))) {
      const operation = record(methods)[request.method.toLowerCase()];
      if (isRecord(operation) && matchPath(template, pathname)) return { template, operation };
    }
    return undefined;
  }

  /** Everything that is wrong with a request, by the model; empty when it is good. */
  requestFaults(request: HttpRequest): string[] {
    const found = this.operationOf(request);
    if (!found) return [`${request.method} ${request.url} is not in the model`];
    const url = new URL(request.url);
    const faults: string[] = [];
    const parameters = [
      ...list(record(record(this.#model['paths'])[found.template])['parameters']),
      ...list(found.operation['parameters']),
    ].map(record);
    const known = new Set(parameters.filter((one) => one['in'] === 'query').map((one) => one['name']));
    for (const name of url.searchParams.keys()) if (!known.has(name)) faults.push(`${name} is not a parameter`);
    const path = matchPath(found.template, url.pathname)!;
    for (const parameter of parameters) {
      const name = text(parameter['name'])!;
      const given =
        parameter['in'] === 'query' ? rawQuery(url, name) : parameter['in'] === 'path' ? path[name] : undefined;
      if (parameter['in'] === 'body')
        faults.push(...this.#faultsOf(parameter['schema'], JSON.parse(bodyText(request)), 'body'));
      else if (given === undefined) {
        if (parameter['required']) faults.push(`${name} is missing`);
      } else faults.push(...this.#faultsOf(parameterSchema(parameter), parameterValue(parameter, given), name));
    }
    return faults;
  }

  /** Everything that is wrong with an answer, by the model. */
  answerFaults(request: HttpRequest, status: number, body: unknown): string[] {
    const response = record(record(this.operationOf(request)?.operation['responses'])[String(status)]);
    if (!('description' in response)) return [`status ${status} is not in the model`];
    return 'schema' in response ? this.#faultsOf(response['schema'], body, 'answer') : [];
  }

  #faultsOf(schema: unknown, value: unknown, what: string): string[] {
    const validate = this.#compiler.compile(absolute(schema, this.#name));
    return validate(value) ? [] : [`${what}: ${JSON.stringify(validate.errors)}`];
  }
}

/** References to `#/definitions/…` name the model's own. */
function absolute(schema: unknown, name: string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => absolute(one, name));
  if (!isRecord(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? `${name}${value}` : absolute(value, name),
    ]),
  );
}

function matchPath(template: string, pathname: string): Record<string, string> | undefined {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const match = new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(pathname);
  return match
    ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]))
    : undefined;
}

/** As it stands in the address: the commas of a list are not those inside its values. */
function rawQuery(url: URL, name: string): string | undefined {
  for (const pair of url.search.slice(1).split('&')) {
    const [key, value = ''] = pair.split('=');
    if (key === name) return value;
  }
  return undefined;
}

function parameterValue(parameter: Fields, given: string): unknown {
  if (parameter['type'] === 'array') return given.split(',').map(decodeURIComponent);
  const plain = parameter['in'] === 'query' ? decodeURIComponent(given) : given;
  if (parameter['type'] === 'integer' || parameter['type'] === 'number') return Number(plain);
  return parameter['type'] === 'boolean' ? plain === 'true' : plain;
}

function parameterSchema(parameter: Fields): unknown {
  const { type, items, enum: values, format, minimum, maximum, minItems, maxItems, pattern } = parameter;
  const schema = { type, items, enum: values, format, minimum, maximum, minItems, maxItems, pattern };
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
