import { readFileSync } from 'node:fs';
import { sharedPath, vendorModule } from '../../../platform/testing/outside.ts';

// biome-ignore lint/suspicious/noExplicitAny: a published document of any shape.
type Node = any;

export interface Contract {
  /** What BigCommerce's contract finds wrong with a request: unknown path, unknown query, body against its schema. */
  request(method: string, url: string, body: string | undefined): string[];
  /** The same for an answer of this status. */
  answer(method: string, url: string, status: number, body: string): string[];
  /** BigCommerce's own samples of a named response of the orders API. */
  samples(response: string): unknown[];
}

const FILES: [file: string, base: string][] = [
  ['inventory.v3.yml', '/v3'],
  ['locations.v3.yml', '/v3'],
  ['products_catalog.v3.yml', '/v3'],
  ['settings.v3.yml', '/v3'],
  ['webhooks.v3.yml', '/v3'],
  ['orders.v2.oas2.yml', '/v2'],
];

interface Spec {
  base: string;
  document: Node;
  validator: (schema: Node) => (value: unknown) => string[];
}

/** @returns undefined when the contract, ajv or yaml is not there. */
export function bigContract(): Contract | undefined {
  const [ajv, yaml] = [vendorModule('ajv'), vendorModule('yaml')];
  const folder = sharedPath('specs/bigcommerce');
  if (!ajv || !yaml || !folder) return undefined;
  const specs = FILES.map(([file, base]) =>
    load(yaml.parse(readFileSync(`${folder}/${file}`, 'utf8')), base, ajv.default),
  );

  const find = (method: string, address: string) => {
    const url = new URL(address);
    const path = url.pathname.replace(/^\/stores\/[^/]+/, '');
    for (const spec of specs) {
      // `/orders/count` is no order's number.
      const templates = Object.keys(spec.document.paths).sort((a, b) => a.split('{').length - b.split('{').length);
      const template = templates.find((one) => pattern(spec.base + one).test(path));
      const operation = template && spec.document.paths[template][method.toLowerCase()];
      if (operation) return { url, spec, operation };
    }
    return undefined;
  };
  const orders = specs.at(-1)!.document;
  return {
    samples: (response) => {
      const { examples } = orders.components.responses[response].content['application/json'];
      return Object.values(examples).map((one) => (one as Node).value);
    },
    request(method, address, body) {
      const found = find(method, address);
      if (!found) return [`${method} ${address} is no operation of the contract`];
      const { url, spec, operation } = found;
      const parameters = (operation.parameters ?? []).map((one: Node) => resolve(spec.document, one));
      const problems = [...url.searchParams].flatMap(([name, value]) => {
        const parameter = parameters.find((one: Node) => one.in === 'query' && one.name === name);
        if (!parameter) return [`${name} is no parameter of it`];
        return valuesOutside(parameter, spec.document, value).map((one) => `${name} may not be ${one}`);
      });
      const content = resolve(spec.document, operation.requestBody)?.content?.['application/json'];
      if (content && body === undefined) return [...problems, 'there is no body'];
      if (!content && body !== undefined) return [...problems, 'there is a body where none belongs'];
      return [...problems, ...(content ? spec.validator(content.schema)(JSON.parse(body!)) : [])];
    },
    answer(method, address, status, body) {
      const found = find(method, address);
      if (!found) return [`${method} ${address} is no operation of the contract`];
      const answers = resolve(found.spec.document, found.operation.responses[String(status)]);
      if (!answers) return [`it does not answer with ${status}`];
      const schema = (answers.content?.['application/json'] ?? answers.content?.['application/problem+json'])?.schema;
      return schema ? found.spec.validator(schema)(JSON.parse(body)) : [];
    },
  };
}

/** A list in one parameter (`include=a,b`) against the words that it may hold. */
function valuesOutside(parameter: Node, document: Node, value: string): string[] {
  const schema = resolve(document, parameter.schema) ?? {};
  const words = schema.enum ?? resolve(document, schema.items)?.enum;
  // A direction behind the field is in the description of `sort` and not in its words.
  return words
    ? value
        .replace(/:(asc|desc)$/, '')
        .split(',')
        .filter((one) => !words.includes(one))
    : [];
}

function load(document: Node, base: string, Ajv: Node): Spec {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'big', components: walk(document.components ?? {}) });
  return {
    base,
    document,
    validator: (schema) => {
      const validate = ajv.compile(walk(schema));
      return (value) =>
        validate(value)
          ? []
          : validate.errors.map((one: Node) => `${one.instancePath} ${one.message} ${JSON.stringify(one.params)}`);
    },
  };
}

function resolve(document: Node, node: Node): Node {
  if (typeof node?.$ref !== 'string') return node;
  return resolve(
    document,
    node.$ref
      .slice(2)
      .split('/')
      .reduce((at: Node, name: string) => at?.[name], document),
  );
}

const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);

/** References into the registered document; no unnamed members in plain objects; samples out of the way. */
function walk(node: Node): Node {
  if (Array.isArray(node)) return node.map(walk);
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string') return { $ref: node.$ref.replace(/^#/, 'big#') };
  const kept = Object.entries(node).filter(([name]) => !/^(example|examples|x-.*)$/.test(name));
  const copy = Object.fromEntries(kept.map(([name, value]) => [name, walk(value)])) as Node;
  // `enum` with `nullable` allows null in OpenAPI and not in JSON Schema.
  if (copy.nullable === true && Array.isArray(copy.enum)) copy.enum = [...copy.enum, null];
  return copy;
}
