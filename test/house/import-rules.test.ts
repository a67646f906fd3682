import { describe, expect, it } from 'vitest';
import { type Breach, report } from './breach.ts';
import { fileCycleBreaches, folderCycleBreaches } from './cycles.ts';
import { LINES_MAX, lengthBreaches, nameBreaches } from './file-shape.ts';
import { LAYERS, layerBreaches, layerOf } from './layers.ts';
import { EXCEPTIONS, outsideWorldBreaches } from './outside-world.ts';
import { platformNameBreaches, sqlBreaches } from './placement.ts';
import { codeFiles, handWrittenPaths, platformIds, type SourceFile, textAssets } from './source-tree.ts';

const files = codeFiles();
const file = (path: string, text: string): SourceFile => ({ path, text });
const lines = (breaches: Breach[]) => breaches.map((breach) => `${breach.path}:${breach.line ?? ''}`);

describe('the rules of the house', () => {
  it('every folder imports only what it may', () => {
    expect(report(layerBreaches(files))).toBe('');
  });
  it('no file loads itself again', () => {
    expect(report(fileCycleBreaches(files))).toBe('');
  });
  it('no folders need each other', () => {
    expect(report(folderCycleBreaches(files))).toBe('');
  });
  it('clock, randomness, environment, sockets and process are used in src/runtime alone', () => {
    expect(report(outsideWorldBreaches(files))).toBe('');
  });
  it('no platform is named outside its folder', () => {
    expect(report(platformNameBreaches([...files, ...textAssets()], platformIds()))).toBe('');
  });
  it('no SQL is spoken outside src/store', () => {
    expect(report(sqlBreaches(files))).toBe('');
  });
  it(`no file is longer than ${LINES_MAX} lines`, () => {
    expect(report(lengthBreaches(files))).toBe('');
  });
  it('names are kebab-case and say what is inside', () => {
    expect(report(nameBreaches(handWrittenPaths()))).toBe('');
  });
  it('looks at the files there are, and keeps no exception or row that nobody needs', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toContain('src/domain/quantity.ts');
    expect(Object.keys(EXCEPTIONS).filter((path) => !paths.includes(path))).toEqual([]);
    const layers = paths.map(layerOf);
    expect(layers.filter((layer) => layer === 'platforms/<id>').length).toBeGreaterThanOrEqual(platformIds().length);
    expect(platformIds().length).toBeGreaterThan(0);
    expect(Object.keys(LAYERS).filter((layer) => !layers.includes(layer))).toEqual([]);
  });
});

describe('each rule can fail', () => {
  it('imports: upwards, sideways, packages, and values where only types may be', () => {
    const bad = [
      file('src/domain/a.ts', "import { z } from 'zod';"),
      file('src/domain/b.ts', "export type { Doc } from '../engine/intake.ts';"),
      file('src/platform/c.ts', "import { realClock } from '../runtime/clock.ts';"),
      file('src/platforms/one/d.ts', "import { x } from '../two/index.ts';"),
      file('src/platforms/one/e.ts', "const x = await import('../../store/levels.ts');"),
      file('src/engine/f.ts', "type X = import('../http/server.ts').X;"),
      file('src/engine/g.ts', "import { platforms } from '../platforms/index.ts';"),
      file('src/engine/h.ts', "import { createServer } from 'node:http';"),
      file('src/store/i.ts', "import { Failure } from '../platform/failure.ts';"),
      file('src/engine/j.ts', "import { outside } from '../platform/testing/outside.ts';"),
      file('src/engine/k.ts', "import { world } from '../../test/world.ts';"),
      file('src/nowhere/l.ts', 'export const x = 1;'),
    ];
    expect(lines(layerBreaches(bad))).toEqual(
      bad.map(({ path }) => (path.endsWith('/l.ts') ? `${path}:` : `${path}:1`)),
    );
    expect(report(layerBreaches(bad.slice(0, 1)))).toContain('pass what it needs as an argument');
  });
  it('imports: what is allowed passes', () => {
    const good = [
      file('src/platform/f.ts', "import { uuidFrom } from '../runtime/random.ts';"),
      file('src/platform/a.ts', "import type { Clock } from '../runtime/clock.ts';"),
      file('src/platforms/one/b.ts', "import { readJson } from '../../platform/json.ts';\nimport './c.ts';"),
      file('src/platforms/index.ts', "export { one } from './one/index.ts';"),
      file('src/domain/d.test.ts', "import { createServer } from 'node:http';"),
      file('src/engine/e.ts', "// import { a } from '../http/a.ts';\nconst text = `import '../cli/b.ts'`;"),
    ];
    expect(report(layerBreaches(good))).toBe('');
  });
  it('cycles: of files by values, of folders even by types', () => {
    const knot = [
      file('src/engine/a.ts', "import { b } from './b.ts';"),
      file('src/engine/b.ts', "import { c } from './c.ts';\nimport type { A } from './a.ts';"),
      file('src/engine/c.ts', "export * from './a.ts';"),
    ];
    expect(report(fileCycleBreaches(knot))).toContain(
      'src/engine/a.ts → src/engine/b.ts → src/engine/c.ts → src/engine/a.ts',
    );
    expect(fileCycleBreaches(knot.slice(0, 2))).toEqual([]);
    const folders = [
      file('src/engine/a.ts', "import type { B } from '../store/b.ts';"),
      file('src/store/b.ts', "import type { C } from '../engine/c.ts';"),
      file('src/engine/c.ts', 'export type C = string;'),
    ];
    expect(report(folderCycleBreaches(folders))).toContain('engine → store → engine');
    expect(fileCycleBreaches(folders)).toEqual([]);
  });
  it('outside world: every raw use is found', () => {
    const raw = [
      'const a = Date.now();',
      'const b = new Date();',
      'const c = Math.random();',
      "const d = process.env['HOME'];",
      'setTimeout(() => {}, 5);',
      'const f = globalThis.setInterval(() => {}, 5);',
      "await fetch('http://localhost');",
      'const h = { wait: setTimeout };',
      'const i = crypto.randomUUID();',
      "import { createHmac, randomBytes } from 'node:crypto';",
      "import { setTimeout as sleep } from 'node:timers/promises';",
      "import { Agent } from 'undici';",
      'process.exit(1);',
      'const n = performance.now() as number;',
    ].join('\n');
    const found = outsideWorldBreaches([file('src/engine/a.ts', raw)]).map(({ line }) => line);
    expect([...found].sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(raw.split('\n').map((_, index) => index + 1));
  });
  it('outside world: what looks like it but is handed in passes, and so does src/runtime', () => {
    const clean = [
      'const a = new Date(now);',
      'const b = Date.parse(text);',
      'const c = client.fetch(1);',
      'function poll(fetch: () => void, { setTimeout } = later) { fetch(); setTimeout(); }',
      "import { createHmac } from 'node:crypto';",
      "import type { Agent } from 'undici';",
      'type F = typeof fetch;',
      '// Date.now() is for runtime',
      "const d = { fetch: 'priority' };",
      'interface P { fetch: number; setTimeout(): void }',
      'const e = { process: { env: 1 } };',
    ].join('\n');
    expect(report(outsideWorldBreaches([file('src/engine/a.ts', clean)]))).toBe('');
    expect(outsideWorldBreaches([file('src/runtime/a.ts', 'Date.now()')])).toEqual([]);
  });
  it('platform names: in names, strings, templates, SQL and pages, but not in comments', () => {
    const bad = [
      file('src/engine/a.ts', "if (id === 'shopify') x();"),
      file('src/engine/b.ts', 'const pushToShopify = 1;'),
      file('src/http/c.ts', 'const d = `on ${'.concat('x} to WOO-commerce-2`;')),
      file('src/store/d.sql', "select 1;\ninsert into platforms values ('shopify');"),
      file('src/http/page/e.html', '<!-- shopify -->\n<p>Shopify</p>'),
    ];
    const ids = ['shopify', 'woo-commerce'];
    expect(lines(platformNameBreaches(bad, ids))).toEqual([
      'src/engine/a.ts:1',
      'src/engine/b.ts:1',
      'src/http/c.ts:1',
      'src/store/d.sql:2',
      'src/http/page/e.html:2',
    ]);
    const good = [
      file('src/engine/a.ts', "// Shopify's bucket\nconst shopifyish = 'shopifier';"),
      file('src/platforms/shopify/b.ts', "const id = 'shopify';"),
      file('src/platforms/index.ts', "import { shopify } from './shopify/index.ts';"),
      file('src/engine/c.test.ts', "const id = 'shopify';"),
      file('src/store/d.sql', 'select 1; -- as Shopify does'),
    ];
    expect(report(platformNameBreaches(good, ids))).toBe('');
  });
  it('SQL: statements outside the store are found, sentences are not', () => {
    const bad = [
      'select a, b\n from levels',
      'INSERT INTO t values (1)',
      'update levels l set a = 1',
      'delete from t',
      'with x as (select 1)',
    ];
    for (const sql of bad) {
      const source = `const text = \`${sql}\${1}\`;`;
      expect(lines(sqlBreaches([file('src/engine/a.ts', source)]))).toEqual(['src/engine/a.ts:1']);
      expect(sqlBreaches([file('src/store/a.ts', source)])).toEqual([]);
    }
    const good = ['Select a channel from the list', 'update the level', 'deleted from', 'With a count as (of) now'];
    for (const text of good) expect(sqlBreaches([file('src/engine/a.ts', `const t = "${text}";`)])).toEqual([]);
  });
  it('shape: too long, badly or vaguely named', () => {
    const long = (count: number) => 'x;\n'.repeat(count);
    expect(lengthBreaches([file('src/a.ts', long(LINES_MAX))])).toEqual([]);
    expect(lines(lengthBreaches([file('src/a.ts', long(LINES_MAX + 1))]))).toEqual(['src/a.ts:']);
    expect(lengthBreaches([file('src/a.ts', `// Generated by x\n${long(LINES_MAX)}`)])).toEqual([]);
    const bad = [
      'src/domain/stockLevel.ts',
      'src/Engine/a.ts',
      'src/http/utils.ts',
      'src/common/a.ts',
      'src/json-helpers.test.ts',
    ];
    expect(nameBreaches(bad).map(({ path }) => path)).toEqual(bad);
    expect(
      report(nameBreaches(['src/store/migrations/0001-ledger.sql', 'docs/INVARIANTS.md', 'test/a.long.test.ts'])),
    ).toBe('');
  });
});
