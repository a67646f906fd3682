import { readFileSync } from 'node:fs';
import { sharedPath, vendorModule } from '../../../platform/testing/outside.ts';

type Schema = Record<string, unknown>;

interface Spec {
  /** Where its paths begin in an address. */
  prefix: string;
  document: Schema;
}

/** What the published contracts find wrong with a request and its good answer; undefined where none of them knows the path. */
export type Check = (
  method: string,
  address: string,
  request: string | undefined,
  answer: string | undefined,
) => string[] | undefined;

/**
 * OCAPI Data v25_6, SCAPI Orders and Products as Salesforce publishes them, and the transcribed Omnichannel Inventory.
 * @returns undefined when the reference material or ajv is not there.
 */
export function sfccContract(): Check | undefined {
  const folder = sharedPath('specs/sfcc');
  const ajvModule = vendorModule('ajv');
  const yaml = vendorModule('yaml');
  if (!folder || !ajvModule || !yaml) return undefined;
  const read = (name: string): Schema => yaml.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  const specs: Spec[] = [
    { prefix: '/s/-/dw/data/v25_6', document: read('ocapi-data-api-v25_6.json') },
    { prefix: '/checkout/orders/v1', document: read('orders-oas-v1-public.yaml') },
    { prefix: '/product/products/v1', document: repaired(read('products-oas-v1-public.yaml')) },
    { prefix: '/product/shopper-availability/v1', document: read('shopper-availability-oas-v1-public.yaml') },
  ];
  const ajv = new ajvModule.default({ strict: false, validateFormats: false, allErrors: true });
  for (const [index, { document }] of specs.entries())
    ajv.addSchema({ $id: `spec${index}`, components: (document['components'] as Schema) ?? {} });
  const transcribed = read('transcribed.schema.json');
  ajv.addSchema({ $id: 'oci', $defs: (transcribed['$defs'] as Schema) ?? {} });
  const check = (schema: unknown, text: string | undefined): string[] => {
    if (schema === undefined || text === undefined) return [];
    const validate = ajv.compile(schema);
    if (validate(JSON.parse(text))) return [];
    return validate.errors.map(
      (error: { instancePath: string; message: string; params: unknown }) =>
        `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
  return (method, address, request, answer) => {
    const url = new URL(address);
    const action = /\/actions\/(get-availability|batch-update)$/.exec(url.pathname)?.[1];
    if (action === 'get-availability')
      return [
        ...check({ $ref: 'oci#/$defs/ociGetAvailabilityRequest' }, request),
        ...check({ $ref: 'oci#/$defs/ociGetAvailabilityResponse' }, answer),
      ];
    if (action === 'batch-update') return check({ $ref: 'oci#/$defs/ociBatchUpdateRequest' }, request);
    const index = specs.findIndex(({ prefix }) => url.pathname.startsWith(prefix));
    const spec = specs[index];
    if (!spec) return undefined;
    const operation = operationOf(spec, method, url.pathname.slice(spec.prefix.length));
    if (!operation) return [`${method} ${url.pathname} is no operation of the contract`];
    const inside = (schema: unknown) =>
      schema === undefined ? undefined : JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"spec${index}#/`));
    const names = parametersOf(spec.document, operation);
    const unknown = [...url.searchParams.keys()].filter((name) => !names.includes(name));
    return [
      ...unknown.map((name) => `the query ${name} is not known`),
      ...check(inside(contentOf(resolved(spec.document, operation['requestBody']))), request),
      ...check(inside(contentOf((operation['responses'] as Schema)?.['200'])), answer),
    ];
  };
}

/** Bodies may stand apart, under a name. */
function resolved(document: Schema, holder: unknown): unknown {
  const reference = (holder as Schema | undefined)?.['$ref'];
  if (typeof reference !== 'string') return holder;
  const bodies = (document['components'] as Schema)['requestBodies'] as Record<string, unknown>;
  return bodies[reference.split('/').at(-1)!];
}

/** Where a search extends another description, that one forbids what this one adds: a slip of the published file. */
const INHERITED = ['SearchRequest', 'ProductSearchRequest', 'PaginatedSearchResult'];

function repaired(document: Schema): Schema {
  const schemas = (document['components'] as Schema)['schemas'] as Record<string, Schema>;
  for (const name of INHERITED) delete schemas[name]?.['additionalProperties'];
  return document;
}

const contentOf = (holder: unknown): unknown => {
  const content = (holder as { content?: Record<string, { schema?: unknown }> } | undefined)?.content;
  return content && Object.values(content)[0]?.schema;
};

function operationOf({ document }: Spec, method: string, path: string): Schema | undefined {
  const paths = document['paths'] as Record<string, Record<string, Schema>>;
  const found = Object.keys(paths).filter((template) =>
    new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path),
  );
  const template = found.sort((a, b) => a.split('{').length - b.split('{').length)[0];
  if (template === undefined) return undefined;
  const operation = paths[template]![method.toLowerCase()];
  const shared = paths[template]!['parameters'] as unknown as unknown[] | undefined;
  return (
    operation && { ...operation, parameters: [...(shared ?? []), ...((operation['parameters'] as unknown[]) ?? [])] }
  );
}

function parametersOf(document: Schema, operation: Schema): string[] {
  return (operation['parameters'] as Schema[]).map((parameter) => {
    const reference = parameter['$ref'];
    if (typeof reference !== 'string') return String(parameter['name']);
    const parameters = (document['components'] as Schema)['parameters'] as Record<string, Schema>;
    return String(parameters[reference.split('/').at(-1)!]?.['name']);
  });
}
