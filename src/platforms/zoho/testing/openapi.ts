import { readFileSync } from 'node:fs';
import { sharedPath, vendorModule } from '../../../platform/testing/outside.ts';

type Schema = Record<string, unknown>;

/** What Zoho's documents find wrong, in sentences; members and parameters that they do not name are told as such. */
export interface Contract {
  request(method: string, url: string, body: string | undefined): string[];
  answer(method: string, url: string, body: string): string[];
}

const MODULES = [
  'salesorders',
  'inventoryadjustments',
  'items',
  'locations',
  'salesreturns',
  'packages',
  'organizations',
];

/**
 * The OpenAPI documents that Zoho offers for download, made strict: they do not say `additionalProperties: false`, and a
 * misspelt name would pass.
 * @returns undefined when they, ajv or yaml are not there.
 */
export function zohoContract(): Contract | undefined {
  const folder = sharedPath('specs/zoho');
  const [ajvModule, yaml] = [vendorModule('ajv'), vendorModule('yaml')];
  if (!folder || !ajvModule || !yaml) return undefined;
  const ajv = new ajvModule.default({ strict: false, validateFormats: false, allErrors: true });
  const paths: Record<string, { document: Schema; methods: Record<string, Schema> }> = {};
  for (const module of MODULES) {
    const document = yaml.parse(readFileSync(`${folder}/${module}.openapi.yml`, 'utf8'));
    ajv.addSchema({ $id: module, components: strict(document.components, module) });
    for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Schema>>))
      paths[path] ??= { document: { ...document, module }, methods };
  }
  const find = (method: string, address: string) => {
    const path = new URL(address).pathname.replace('/inventory/v1', '');
    // `/salesorders/confirmed` is no order's id.
    const fitting = Object.keys(paths).filter((one) =>
      new RegExp(`^${one.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path),
    );
    const [template] = fitting.sort((a, b) => a.split('{').length - b.split('{').length);
    const found = template === undefined ? undefined : paths[template];
    const operation = found?.methods[method.toLowerCase()];
    return found && operation
      ? { module: String(found.document['module']), document: found.document, operation, path }
      : undefined;
  };
  const check = (schema: Schema, module: string, value: unknown): string[] => {
    const validate = ajv.compile(strict(schema, module));
    if (validate(value)) return [];
    return validate.errors.map(
      (error: { instancePath: string; message: string; params: { additionalProperty?: string } }) =>
        `${error.instancePath.replace(/\/\d+(?=\/|$)/g, '[]')} ${error.params.additionalProperty ?? error.message}`,
    );
  };
  return {
    request(method, address, body) {
      const found = find(method, address);
      if (!found) return [`${method} ${address} is no operation of the documents`];
      const named = ((found.operation['parameters'] ?? []) as Schema[]).map(
        (one) => resolve(one, found.document)['name'],
      );
      const unknown = [...new URL(address).searchParams.keys()].filter((name) => !named.includes(name));
      const content = (found.operation['requestBody'] as Schema | undefined)?.['content'] as Schema | undefined;
      const schema = (content?.['application/json'] as Schema | undefined)?.['schema'] as Schema | undefined;
      const wrong = schema ? check(schema, found.module, JSON.parse(body ?? 'null')) : [];
      return [...unknown.map((name) => `${found.path.replace(/\d{6,}/, '{id}')}?${name}`), ...wrong];
    },
    answer(method, address, body) {
      const found = find(method, address);
      if (!found) return [`${method} ${address} is no operation of the documents`];
      const [good] = Object.values(found.operation['responses'] as Record<string, Schema>);
      const content = resolve(good!, found.document)['content'] as Schema;
      return check((content['application/json'] as Schema)['schema'] as Schema, found.module, JSON.parse(body));
    },
  };
}

function resolve(node: Schema, document: Schema): Schema {
  if (typeof node['$ref'] !== 'string') return node;
  const steps = node['$ref'].replace('#/', '').split('/');
  return steps.reduce<Schema>((at, step) => at[step] as Schema, document);
}

/** References into the registered document, and no members that it does not name. */
function strict(node: unknown, module: string): Schema {
  return walk(node, module) as Schema;
}

function walk(node: unknown, module: string): unknown {
  if (Array.isArray(node)) return node.map((one) => walk(one, module));
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Schema;
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'].replace(/^#/, `${module}#`) };
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => name !== 'example' && name !== 'examples' && name !== 'nullable')
      .map(([name, value]) => [name, walk(value, module)]),
  ) as Schema;
  // Some lists are written down as an object that is one of their rows.
  if (copy['properties'] && copy['type'] !== 'array' && copy['additionalProperties'] === undefined)
    copy['additionalProperties'] = false;
  return copy;
}
