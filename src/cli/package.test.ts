import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { built } from '../../test/support/command-line.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const node = (script: string) =>
  execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
beforeAll(() => void built(), 120_000);

describe('the package as it is installed', () => {
  it('import from "onhand" runs an engine over a store in memory', () => {
    // The package imports itself by name, through the exports that package.json states.
    const said = node(`
      import { addChannel, apiServer, createApiKey, createWorld, Engine, everyPlatform, migrate, openDatabase, openStock, realClock, SCOPES, why } from 'onhand';
      const db = await openDatabase({ memory: true });
      await migrate(db);
      const log = { info() {}, warn() {}, error(fields, text) { console.error(text, fields); } };
      const engine = new Engine({ db, platforms: everyPlatform, box: { seal: (v) => Buffer.from(JSON.stringify(v)), open: (b) => JSON.parse(Buffer.from(b).toString()) },
        clock: realClock, random: () => 0.5, transport: () => Promise.reject(new Error('no way out')), log, publicUrl: null, secretToken: () => 'x'.repeat(32) });
      await engine.start();
      await openStock(engine.context, [{ sku: 'MUG', title: 'Mug', location: 'W1', units: 7 }], 'test');
      const key = await createApiKey(db, 'owner', SCOPES, new Date(0).toISOString());
      const api = await apiServer(engine, '1.0.0');
      const answer = await api.inject({ url: '/v1/stock', headers: { authorization: 'Bearer ' + key } });
      const page = await api.inject({ url: '/' });
      console.log(JSON.stringify({ onHand: answer.json().items[0].levels[0].onHand, title: (await why(engine, 'MUG')).title,
        page: page.body.includes('<h1>Onhand</h1>'), world: typeof createWorld, add: typeof addChannel }));
      await api.close(); await engine.stop(); await db.close();
    `);
    expect(JSON.parse(said)).toEqual({ onHand: 7, title: 'Mug', page: true, world: 'function', add: 'function' });
  }, 90_000);

  it('authors of platforms find the contract and its suite', () => {
    const said = node(`
      import * as platform from 'onhand/platform';
      import * as testing from 'onhand/platform/testing';
      console.log(JSON.stringify([typeof platform.definePlatform, typeof platform.Failure, Object.keys(testing).length > 0]));
    `);
    expect(JSON.parse(said)).toEqual(['function', 'function', true]);
  }, 60_000);

  it('a second build with the same sources does nothing; the table of platforms in the README is theirs', () => {
    const began = performance.now();
    built();
    expect(performance.now() - began).toBeLessThan(5_000);
    execFileSync(process.execPath, ['scripts/platform-table.mjs', '--check'], { cwd: root, stdio: 'pipe' });
  });
});
