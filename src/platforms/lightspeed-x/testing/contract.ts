import { readFileSync } from 'node:fs';
import { sharedPath, vendorModule } from '../../../platform/testing/outside.ts';

type Schema = Record<string, unknown>;

interface Operation {
  method: string;
  path: string;
  query?: Record<string, Schema>;
  requestBody?: Schema;
  responseBody?: Schema;
}

export interface Contract {
  request(method: string, url: string, body: string | undefined): string[];
  answer(method: string, url: string, body: string): string[];
}

/**
 * The calls of version 2026-07 as transcribed from its published parts, made strict: members that a schema does not name are
 * errors. Calls that the transcription leaves out are let through (outlets, products' own rows, reasons).
 * @returns undefined when the transcription or ajv is not there.
 */
export function lightspeedContract(): Contract | undefined {
  const file = sharedPath('specs/lightspeed-x/transcribed-2026-07.json');
  const ajvModule = vendorModule('ajv/dist/2020.js');
  if (!file || !ajvModule) return undefined;
  const spec = JSON.parse(readFileSync(file, 'utf8')) as {
    operations: Record<string, Operation>;
    $defs: Record<string, Schema>;
  };
  const ajv = new ajvModule.default({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'x', $defs: strict(spec.$defs) });
  const check = (schema: Schema, value: unknown): string[] => {
    const validate = ajv.compile(strict(schema));
    if (validate(value)) return [];
    return validate.errors.map(
      (error: { instancePath: string; message: string; params: unknown }) =>
        `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
  const find = (method: string, address: string) => {
    const path = new URL(address).pathname.replace(/^\/api\/2026-07/, '');
    const fits = (template: string) => new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
    return Object.values(spec.operations).find((one) => one.method === method && fits(one.path));
  };
  return {
    request(method, address, body) {
      const operation = find(method, address);
      if (!operation) return [];
      const names = Object.keys(operation.query ?? {});
      const unknown = [...new URL(address).searchParams.keys()].filter((name) => !names.includes(name));
      const schema = operation.requestBody;
      return [...unknown.map((name) => `query ${name}`), ...(schema ? check(schema, JSON.parse(body ?? 'null')) : [])];
    },
    answer(method, address, body) {
      const schema = find(method, address)?.responseBody;
      return schema ? check(schema, JSON.parse(body)) : [];
    },
  };
}

/** References into the registered document; objects with named members take no others. */
function strict<T>(node: T): T {
  if (Array.isArray(node)) return node.map(strict) as T;
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Schema;
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'].replace(/^#/, 'x#') } as T;
  const copy: Schema = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, strict(value)]));
  if (typeof copy['properties'] === 'object' && copy['type'] === 'object') copy['additionalProperties'] = false;
  return copy as T;
}
