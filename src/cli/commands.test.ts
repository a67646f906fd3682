import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, onhand, type Ran, type Running, running } from '../../test/support/command-line.ts';

/** One shop from its first command to its last, as a person types them: real processes, a real store in a folder. */
const folder = mkdtempSync(join(tmpdir(), 'onhand-commands-'));
const home = join(folder, 'home');
const env: Record<string, string> = {
  ONHAND_HOME: home,
  HOME: folder,
  ONHAND_PORT: '0',
  ONHAND_HOOKS_PORT: '0',
  ONHAND_LOG_LEVEL: 'warn',
};
const run = (...args: string[]) => onhand(args, env);
let server: Running;
let sandbox: Running;

/** What every refusal must look like: nothing on stdout, exit 1, a next step at the end, no stack. */
function refused({ code, out, err }: Ran): string {
  expect([code, out]).toEqual([1, '']);
  expect(err.trimEnd().split('\n').at(-1)).toMatch(/^→ .{10,}/);
  expect(err).not.toContain('    at ');
  return err;
}

beforeAll(() => void built(), 120_000);
afterAll(async () => {
  await Promise.all([server?.end(), sandbox?.end()]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a shop on the command line', () => {
  it('init makes a store with an owner, and twice changes nothing', async () => {
    const first = await run('init', '--trial');
    expect([first.code, first.err]).toEqual([0, '']);
    const key = readFileSync(join(home, 'owner.key'), 'utf8').trim();
    expect(first.out).toContain(key);
    expect(statSync(join(home, 'owner.key')).mode & 0o777).toBe(0o600);
    const encryption = readFileSync(join(home, 'encryption.key'));
    const second = await run('init');
    expect([second.code, second.out.includes(key)]).toEqual([0, false]);
    expect(readFileSync(join(home, 'owner.key'), 'utf8').trim()).toBe(key);
    expect(readFileSync(join(home, 'encryption.key'))).toEqual(encryption);
    const reader = await run('init', '--key', 'till', '--scopes', 'read');
    expect(reader.out).toMatch(/API key "till" \(read\): onhand_\S+/);
    expect(refused(await run('init', '--key', 'x', '--scopes', 'read,all'))).toContain('"all" is not a scope');
  }, 60_000);

  it('a store of a real business does not become a trial', async () => {
    const real = { ...env, ONHAND_HOME: join(folder, 'real') };
    expect((await onhand(['init'], real)).code).toBe(0);
    expect(refused(await onhand(['init', '--trial'], real))).toContain('takes no stand-ins');
  }, 60_000);

  it('commands say that nothing runs; serve says where it is', async () => {
    expect(refused(await onhand(['stock', 'show'], { ...env, ONHAND_URL: 'http://127.0.0.1:9' }))).toContain(
      'onhand serve',
    );
    // What is sandboxed on this machine may be reached only because the operator says so here.
    server = await running(['serve'], { ...env, ONHAND_ALLOW_PRIVATE_HOSTS: '127.0.0.1' });
    expect(server.ready).toMatchObject({ ready: true, store: join(home, 'store') });
    env['ONHAND_URL'] = server.ready.api;
    expect((await fetch(`${server.ready.api}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.ready.hooks}/healthz`)).status).toBe(404);
    expect(refused(await run('init'))).toContain('has this store open');
  }, 60_000);

  it('stock: receive, adjust, count, transfer, show, also as it was', async () => {
    const text = refused(await run('stock', 'receive', 'ITEM-0001', '5', '--at', 'Warehouse'));
    expect(text).toContain('There is no item');
    for (const sku of ['ITEM-0001', 'ITEM-0002', 'ITEM-0003'])
      expect((await run('stock', 'receive', sku, '20', '--at', 'Warehouse', '--new')).out).toContain(
        `received 20 of ${sku}`,
      );
    await run('stock', 'receive', 'ITEM-0001', '4', '--at', 'Shop', '--new', '--title', 'First item');
    const before = new Date().toISOString();
    expect((await run('stock', 'adjust', 'ITEM-0001', '--at', 'Warehouse', '--note', 'broken', '--', '-1')).code).toBe(
      0,
    );
    expect((await run('stock', 'transfer', 'ITEM-0001', '2', '--at', 'Warehouse', '--to', 'Shop')).out).toContain(
      'moved 2',
    );
    expect((await run('stock', 'count', 'ITEM-0001', '18', '--at', 'Warehouse')).out).toContain('counted 18');
    const now = (await run('stock', 'show', 'ITEM-0001', '--json')).json;
    const levels = (page: typeof now) =>
      page.items[0].levels.map((one: Record<string, unknown>) => [one['location'], one['onHand'], one['available']]);
    expect(levels(now)).toEqual([
      ['Warehouse', 18, 18],
      ['Shop', 6, 6],
    ]);
    const then = (await run('stock', 'show', 'ITEM-0001', '--at', before, '--json')).json;
    expect(then.levels.map((one: Record<string, unknown>) => [one['location'], one['onHand']])).toEqual([
      ['Warehouse', 20],
      ['Shop', 4],
    ]);
    expect((await run('stock', 'show', 'first')).out).toMatch(/ITEM-0001 +Warehouse +18/);
    expect(refused(await run('stock', 'count', 'ITEM-0001', 'many', '--at', 'Warehouse'))).toContain('units');
    expect(refused(await run('stock', 'show', 'ITEM-0001', '--at', 'yesterday-ish'))).toContain('not a date');
  }, 60_000);

  it('reorder: set by hand, listed when low, taken back; computed only from sales', async () => {
    const where = ['ITEM-0001', '--at', 'Shop'];
    expect((await run('reorder', 'set', ...where, '--point', '5', '--up-to', '12')).out).toContain(
      'ITEM-0001 at Shop: at 5 order up to 12',
    );
    expect((await run('reorder')).out).toContain('Nothing is low.');
    expect((await run('reorder', '--all', '--location', 'Shop')).out).toMatch(/ITEM-0001 .*Shop +6 +5 +12 +0 +by hand/);
    await run('stock', 'adjust', ...where, '--', '-2');
    const { items } = (await run('reorder', '--json')).json;
    expect(items).toMatchObject([{ sku: 'ITEM-0001', location: 'Shop', available: 4, low: true, order: 8 }]);
    await run('stock', 'adjust', ...where, '--', '2');
    const computed = await run('reorder', 'set', ...where, '--lead-days', '10', '--service', '0.95');
    expect(refused(computed)).toContain('too few to compute from');
    expect(refused(await run('reorder', 'set', ...where, '--point', '5'))).toContain('--up-to');
    expect(refused(await run('reorder', 'set', ...where, '--lead-days', 'x', '--service', '0.9'))).toContain(
      'leadDays',
    );
    expect((await run('reorder', 'unset', ...where)).code).toBe(0);
    expect(refused(await run('reorder', 'unset', ...where))).toContain('no reorder point');
  }, 60_000);

  it('hold: add promises units, release gives them back, once', async () => {
    const added = await run('hold', 'add', 'ITEM-0001', '3', '--at', 'Warehouse', '--note', 'for Ann');
    const id = /Hold (\d+)\./.exec(added.out)![1]!;
    const committed = async () => (await run('stock', 'show', 'ITEM-0001', '--json')).json.items[0].levels[0].committed;
    expect(await committed()).toBe(3);
    expect((await run('hold', 'release', id)).code).toBe(0);
    expect(await committed()).toBe(0);
    expect(refused(await run('hold', 'release', id))).toContain('no open hold');
  }, 60_000);

  it('channel: added from a file it watches; live only by a person who has seen the list', async () => {
    sandbox = await running(['sandbox', 'shopify', '--port', '0', '--items', '3', '--factor', '50'], env);
    const [{ platform, url, config }] = sandbox.ready;
    expect([platform, new URL(url).hostname]).toEqual(['shopify', '127.0.0.1']);
    const file = join(folder, 'shopify.json');
    writeFileSync(file, JSON.stringify(config));
    const added = await run('channel', 'add', 'shopify', '--name', 'Web shop', '--config', file);
    expect([added.code, added.err]).toEqual([0, '']);
    expect(added.out).toContain('Web shop: 3 listings found, 3 mapped by SKU.');
    expect(added.out).toContain('onhand channel check "Web shop"');
    const [listed] = (await run('channel', 'list', '--json')).json.channels;
    expect(listed).toMatchObject({ name: 'Web shop', platform: 'shopify', mode: 'watch', healthy: true });
    const check = (await run('channel', 'check', 'Web shop', '--json')).json;
    expect(check.checks.length).toBeGreaterThan(0);
    // It has 10 everywhere; the ledger has 18 and 6, 20, 20 and nothing at the shop.
    expect(check.firstWrites).toMatchObject({ total: 6, toZero: 2, unitsAdded: 28, unitsTaken: 24 });
    const text = refused(await run('channel', 'live', 'Web shop'));
    expect(text).toContain('If the list is right: onhand channel live');
    expect((await run('channel', 'list', '--json')).json.channels[0].mode).toBe('watch');
    expect((await run('channel', 'live', 'Web shop', '--yes')).out).toContain('Web shop is live');
    expect((await run('channel', 'set', 'Web shop', 'policy', '{"buffer": 1}')).json.policy).toEqual({ buffer: 1 });
    expect(refused(await run('channel', 'set', 'Web shop', 'colour', 'red'))).toContain('colour');
    expect(refused(await run('channel', 'add', 'nope', '--name', 'X'))).toContain('no platform "nope"');
    expect(
      refused(await run('channel', 'add', 'shopify', '--name', 'Y', '--config', join(folder, 'gone.json'))),
    ).toContain('no such file');
    expect(refused(await run('channel', 'live', 'Nobody'))).toContain('There are: Web shop');
  }, 60_000);

  it('why and reconcile tell what is shown and what happened', async () => {
    const shown = async () => {
      const { cells } = (await run('why', 'ITEM-0002', '--json')).json;
      return cells.map((cell: Record<string, unknown>) => [cell['channel'], cell['place'], cell['shows']]);
    };
    await expect.poll(shown, { timeout: 20_000, interval: 300 }).toEqual([
      ['Web shop', 'Warehouse', 19],
      ['Web shop', 'Shop', 0],
    ]);
    const text = (await run('why', 'ITEM-0001')).out;
    expect(text).toContain('ITEM-0001 First item');
    expect(text).toMatch(/adjust .*on hand -1 \(broken\)/);
    expect(text).toMatch(/Web shop told 17 \(had 1[08]\)/);
    const [report] = (await run('reconcile', '--json')).json;
    expect(report).toMatchObject({ channel: 'Web shop', read: 6, cells: 6, agreeing: 6, open: [] });
    expect((await run('reconcile', 'Web shop')).out).toContain('nothing unexplained');
    expect(refused(await run('why', 'NOPE'))).toContain('no item');
  }, 60_000);

  it('stop pauses every channel within a second, and nothing is told after it', async () => {
    const began = performance.now();
    const key = readFileSync(join(home, 'owner.key'), 'utf8').trim();
    const answer = await fetch(`${server.ready.api}/v1/stop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await answer.json()).toMatchObject({ stopped: ['Web shop'] });
    expect(performance.now() - began).toBeLessThan(1_000);
    const { channels } = (await run('channel', 'list', '--json')).json;
    expect(channels[0]).toMatchObject({ mode: 'paused', modeReason: 'onhand stop by owner' });
    const pushes = async () =>
      (await run('why', 'ITEM-0003', '--json')).json.timeline.filter((row: { text: string }) =>
        row.text.includes('told'),
      ).length;
    const sent = await pushes();
    await run('stock', 'receive', 'ITEM-0003', '5', '--at', 'Warehouse');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await pushes()).toBe(sent);
    const again = await run('stop');
    expect(again.out).toContain('No channel was live');
    expect(again.out).toContain('→ ');
    expect((await run('channel', 'resume', 'Web shop')).out).toContain('is live');
    expect((await run('stop')).out).toContain('Paused: Web shop.');
  }, 60_000);

  it('serve refuses a stand-in on this machine where the operator has not allowed the address', async () => {
    expect(await server.end()).toBe(0);
    server = await running(['serve'], env);
    env['ONHAND_URL'] = server.ready.api;
    const answer = await run('channel', 'check', 'Web shop', '--json');
    expect(`${answer.out}${answer.err}`).toContain('ONHAND_ALLOW_PRIVATE_HOSTS');
    expect(await server.end()).toBe(0);
  }, 60_000);
});
