import { readFileSync } from 'node:fs';
import { sharedPath } from '../../../platform/testing/outside.ts';

interface Schema {
  $ref?: string;
  type?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  allOf?: Schema[];
  items?: Schema;
}

export interface Model {
  /** Everything wrong with a value: members that the schema does not name, wrong types, enumerations it does not have. */
  faults(schema: string, value: unknown): string[];
  /** Members sent that SAP's own metadata says nobody may write. */
  readOnly(type: string, value: unknown): string[];
  has(schema: string, member: string): boolean;
  loginMembers(): string[];
}

/**
 * The published surface of the Service Layer: OpenAPI made from a 2026 `$metadata` for names and types, SAP's own older
 * `$metadata` for what may be written. undefined where they are not there.
 */
export function serviceLayerModel(): Model | undefined {
  const folder = sharedPath('specs/sap-b1');
  if (!folder) return undefined;
  const read = (name: string) => JSON.parse(readFileSync(`${folder}/service-layer-${name}.openapi.json`, 'utf8'));
  const [sales, inventory, administration] = ['sales', 'inventory', 'administration'].map(read);
  const schemas: Record<string, Schema> = {
    ...administration.components.schemas,
    ...sales.components.schemas,
    ...inventory.components.schemas,
  };
  const named = (schema: Schema): Schema => (schema.$ref ? (schemas[schema.$ref.split('/').at(-1)!] ?? {}) : schema);
  const membersOf = (schema: Schema): Record<string, Schema> =>
    Object.assign({}, schema.properties, ...(schema.allOf ?? []).map((one) => membersOf(named(one))));

  const faults = (given: Schema, value: unknown, path: string): string[] => {
    const schema = named(given);
    if (value === null) return [];
    if (schema.enum)
      return schema.enum.includes(value as string)
        ? []
        : [`${path}: ${String(value)} is none of ${schema.enum.join(', ')}`];
    if (schema.type === 'array' || schema.items)
      return Array.isArray(value)
        ? value.flatMap((one, index) => faults(schema.items ?? {}, one, `${path}[${index}]`))
        : [`${path} is no list`];
    const members = membersOf(schema);
    if (Object.keys(members).length > 0) {
      if (typeof value !== 'object') return [`${path} is no object`];
      return Object.entries(value as object).flatMap(([name, inner]) => {
        if (name.startsWith('@odata.')) return [];
        return members[name]
          ? faults(members[name], inner, `${path}.${name}`)
          : [`${path}.${name} is not in the schema`];
      });
    }
    const isOf: Record<string, boolean> = {
      string: typeof value === 'string',
      number: typeof value === 'number',
      integer: Number.isInteger(value),
    };
    return schema.type && isOf[schema.type] === false ? [`${path}: ${JSON.stringify(value)} is no ${schema.type}`] : [];
  };

  const metadata = readFileSync(`${folder}/metadata.odata-v3.xml`, 'utf8');
  const fixed = (type: string): Set<string> => {
    const start = new RegExp(`<(EntityType|ComplexType) Name="${type}"`).exec(metadata);
    if (!start) throw new Error(`${type} is not in the metadata`);
    const body = metadata.slice(start.index, metadata.indexOf(`</${start[1]}>`, start.index));
    const properties = body.matchAll(/<Property [^>]*\bName="(\w+)"[^>]*\bWritable="false"/g);
    return new Set([...properties].map(([, name]) => name!));
  };
  return {
    faults: (schema, value) => faults({ $ref: schema }, value, schema),
    readOnly: (type, value) => Object.keys(value as object).filter((name) => fixed(type).has(name)),
    has: (schema, member) => membersOf(schemas[schema] ?? {})[member] !== undefined,
    loginMembers: () =>
      Object.keys(administration.paths['/Login'].post.requestBody.content['application/json'].schema.properties),
  };
}
