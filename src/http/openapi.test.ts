import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../test/support/api-fixture.ts';
import { vendorModule } from '../platform/testing/outside.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document of any shape, to be judged.
type Any = any;
const Ajv = vendorModule('ajv/dist/2020.js');
const formats = vendorModule('ajv-formats');

let fixture: ApiFixture;
let document: Any;
beforeAll(async () => {
  fixture = await apiFixture();
  document = (await fixture.ask('GET', '/v1/openapi.json', { key: null })).json;
}, 60_000);
afterAll(() => fixture.close());

const operations = () =>
  Object.entries(document.paths as Record<string, Record<string, Any>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );

it('is OpenAPI 3.1 by its own rules: versions, parameters that the address has, answers with descriptions', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toMatchObject({ title: 'Onhand', version: '0.0.0' });
  for (const { name, path, operation } of operations()) {
    expect(operation.summary?.length, name).toBeGreaterThan(5);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const parameters: Any[] = operation.parameters ?? [];
    expect(
      parameters.filter((one) => one.in === 'path').map((one) => one.name),
      name,
    ).toEqual(inPath);
    for (const one of parameters) {
      expect(['path', 'query', 'header'], name).toContain(one.in);
      expect(one.schema, name).toBeTypeOf('object');
      if (one.in === 'path') expect(one.required, name).toBe(true);
    }
    expect(Object.keys(operation.responses).length, name).toBeGreaterThan(0);
    for (const [status, answer] of Object.entries<Any>(operation.responses)) {
      expect(status, name).toMatch(/^([1-5]\d\d|default)$/);
      expect(answer.description.length, name).toBeGreaterThan(3);
    }
    if (operation.requestBody) expect(Object.keys(operation.requestBody.content), name).toEqual(['application/json']);
  }
});

it('every reference leads somewhere, and errors have one shape', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
  expect(references.length).toBeGreaterThan(20);
  for (const to of new Set(references)) {
    expect(to).toMatch(/^#\//);
    const found = to
      .slice(2)
      .split('/')
      .reduce<Any>((at, part) => at?.[part], document);
    expect(found, to).toBeTypeOf('object');
  }
  expect(document.components.schemas.Error.required).toEqual(['error', 'message', 'next']);
});

it('says which addresses need a key', () => {
  for (const { name, operation } of operations()) {
    const open = /\/(healthz|readyz|metrics|v1\/orders|v1\/levels)$/.test(name);
    expect(operation.security ?? document.security, name).toEqual(open ? [] : [{ key: [] }]);
  }
});

it.skipIf(!Ajv)('every schema is JSON Schema 2020-12 and refuses what the API refuses (needs test/vendor)', () => {
  const ajv = new (Ajv.default ?? Ajv)({ strict: true, strictRequired: false });
  (formats.default ?? formats)(ajv);
  let compiled = 0;
  for (const { name, operation } of operations()) {
    const schemas = [
      ...(operation.parameters ?? []).map((one: Any) => one.schema),
      ...Object.values<Any>(operation.requestBody?.content ?? {}).map((one) => one.schema),
    ];
    for (const schema of schemas) {
      expect(() => ajv.compile(schema), name).not.toThrow();
      compiled += 1;
    }
  }
  expect(compiled).toBeGreaterThan(25);
  const receive = ajv.compile(document.paths['/v1/stock/receive'].post.requestBody.content['application/json'].schema);
  expect(receive({ sku: 'A', location: 'W1', units: 1.5 })).toBe(true);
  expect(receive({ sku: '', location: 'W1', units: 1 })).toBe(false);
  expect(receive({ sku: 'A', location: 'W1', units: '1' })).toBe(false);
});
