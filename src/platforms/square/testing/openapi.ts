import { readFileSync } from 'node:fs';
import { sharedPath, vendorModule } from '../../../platform/testing/outside.ts';

type Schema = Record<string, unknown>;

export interface Contract {
  /** What Square's contract finds wrong with a request: unknown path or method, unknown query, body against its schema. */
  request(method: string, url: string, body: string | undefined): string[];
  /** The same for a good answer. */
  answer(method: string, url: string, body: string): string[];
  /** A value against a named schema (`PaymentUpdatedEvent`). */
  value(schema: string, value: unknown): string[];
  /** Square's own sample of a named schema. */
  sample(schema: string): unknown;
}

const ADJUSTMENT = 'InventoryAdjustment';

/**
 * Square's published OpenAPI contract, made strict: members that it does not name are errors, because the schemas do not say
 * `additionalProperties: false` and a misspelt name would pass.
 * @param splits true: as changed on 2026-07-15 (two places per adjustment; source: serialization code of npm square 46).
 * @returns undefined when the contract or ajv is not there.
 */
export function squareContract(splits = false): Contract | undefined {
  const file = sharedPath('specs/square/square-openapi-2025-08-20.subset.json');
  const ajvModule = vendorModule('ajv');
  if (!file || !ajvModule) return undefined;
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  const schemas = spec.components.schemas as Record<string, Schema>;
  const samples = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema['example']]));
  if (splits) {
    const properties = schemas[ADJUSTMENT]!['properties'] as Record<string, Schema>;
    const { location_id: place, ...others } = properties;
    schemas[ADJUSTMENT]!['properties'] = { ...others, from_location_id: place, to_location_id: place };
  }
  const ajv = new ajvModule.default({ strict: false, validateFormats: false, allErrors: true });
  // The file names a few schemas that it does not have; nothing we use hangs on them.
  for (const [, name] of JSON.stringify(schemas).matchAll(/#\/components\/schemas\/(\w+)/g)) schemas[name!] ??= {};
  ajv.addSchema({ $id: 'square', components: { schemas: strict(schemas) } });

  const check = (schema: Schema, value: unknown): string[] => {
    const validate = ajv.compile(strict(schema));
    if (validate(value)) return [];
    return validate.errors.map(
      (error: { instancePath: string; message: string; params: unknown }) =>
        `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
  const operation = (method: string, url: URL) => {
    const templates = Object.keys(spec.paths).filter((template) => matches(template, url.pathname));
    // `/v2/orders/search` is no order's id.
    const template = templates.sort((a, b) => a.split('{').length - b.split('{').length)[0];
    return template === undefined ? undefined : spec.paths[template][method.toLowerCase()];
  };
  return {
    request(method, address, body) {
      const url = new URL(address);
      const found = operation(method, url);
      if (!found) return [`${method} ${url.pathname} is no operation of the contract`];
      const names = (found.parameters ?? [])
        .filter((one: Schema) => one['in'] === 'query')
        .map((one: Schema) => one['name']);
      const unknown = [...url.searchParams.keys()].filter((name) => !names.includes(name));
      const schema = found.requestBody?.content['application/json'].schema;
      if (schema && body === undefined) return [...unknown, 'there is no body'];
      if (!schema && body !== undefined && body !== '{}') return [...unknown, 'there is a body where none belongs'];
      return [...unknown, ...(schema ? check(schema, JSON.parse(body!)) : [])];
    },
    answer(method, address, body) {
      const found = operation(method, new URL(address));
      if (!found) return [`${method} ${address} is no operation of the contract`];
      return check(found.responses['200'].content['application/json'].schema, JSON.parse(body));
    },
    value: (schema, value) => check({ $ref: `#/components/schemas/${schema}` }, value),
    sample: (schema) => samples[schema],
  };
}

function matches(template: string, path: string): boolean {
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}

/** References into the registered document, `nullable` beside a reference made real, no unnamed members. */
function strict(node: unknown): Schema {
  return walk(node) as Schema;
}

function walk(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(walk);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Schema;
  if (typeof schema['$ref'] === 'string') {
    const reference = { $ref: schema['$ref'].replace(/^#/, 'square#') };
    return schema['nullable'] === true ? { anyOf: [reference, { type: 'null' }] } : reference;
  }
  // Samples may hold words that are schema words too.
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => name !== 'example')
      .map(([name, value]) => [name, walk(value)]),
  ) as Schema;
  if (copy['properties'] && copy['additionalProperties'] === undefined) copy['additionalProperties'] = false;
  if (copy['nullable'] === true && Array.isArray(copy['enum'])) copy['enum'] = [...copy['enum'], null];
  return copy;
}
