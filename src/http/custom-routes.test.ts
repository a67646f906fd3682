import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stockOf } from '../../test/support/ledger-fixture.ts';
import { type WorldEngine, worldEngine } from '../../test/support/world-engine.ts';
import { addChannel } from '../engine/connect.ts';
import { openStock } from '../engine/stock.ts';
import { custom } from '../platforms/custom/index.ts';
import { apiServer } from './api.ts';
import { hookServer } from './hooks.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let run: WorldEngine;
let servers: Record<'hooks' | 'api', FastifyInstance>;

beforeEach(async () => {
  run = await worldEngine({ platforms: [custom], items: 2 });
  servers = { hooks: hookServer(run.engine), api: await apiServer(run.engine, '0') };
  await run.clock.run(openStock(run.engine.context, [{ sku: 'MUG', title: 'Mug', location: 'W1', units: 10 }], 'test'));
  const settings = { platform: 'custom', name: 'Old shop', config: { account: 'old-shop', webhookSecret: SECRET } };
  await run.clock.run(addChannel(run.engine, settings));
}, 60_000);
afterEach(async () => {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  await run.close();
});

/** Signed by hand, as the guide says, so that nothing of ours agrees with itself. */
function signed(body: string, { secret = SECRET, agoMs = 0, account = 'old-shop' } = {}) {
  const timestamp = String(Math.floor((run.clock.now() - agoMs) / 1000));
  const id = `msg_${randomBytes(8).toString('hex')}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'x-onhand-account': account,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

async function post(on: 'hooks' | 'api', url: string, body: string, headers: Record<string, string> = signed(body)) {
  const release = run.clock.hold();
  const { statusCode, body: said } = await servers[on].inject({ method: 'POST', url, headers, payload: body });
  release();
  return { status: statusCode, said };
}

const order = (id: string, version: number, line: object, type = 'order.created') =>
  JSON.stringify({ type, data: { id, version, createdAt: '2026-11-24T08:00:00Z', lines: [{ sku: 'MUG', ...line }] } });

describe.each(['hooks', 'api'] as const)('POST /v1/orders on the listener for %s', (on) => {
  it('takes a signed order without a key; its goods are learned, mapped by SKU and posted, and its changes follow', async () => {
    expect(await post(on, '/v1/orders', order('A-1', 1, { quantity: '3' }))).toEqual({ status: 200, said: '' });
    await run.clock.advance(130_000);
    expect(await stockOf(run.db, 'MUG')).toEqual({ onHand: 10, committed: 3 });
    const shipped = order('A-1', 2, { quantity: 3, cancelled: 1, fulfilled: 2 }, 'order.updated');
    await post(on, '/v1/orders', shipped);
    await post(on, '/v1/orders', order('A-1', 1, { quantity: 3 }));
    await run.clock.advance(10_000);
    expect(await stockOf(run.db, 'MUG')).toEqual({ onHand: 8, committed: 0 });
    expect(run.warnings).toEqual([]);
  });

  it('verifies the bytes that came, not what they mean', async () => {
    const spaced = order('B-1', 1, { quantity: 1 }).replaceAll(',', ' ,\n\t').replace('MUG', '\\u004dUG');
    expect((await post(on, '/v1/orders', spaced)).status).toBe(200);
    const headers = signed(spaced);
    expect((await post(on, '/v1/orders', JSON.stringify(JSON.parse(spaced)), headers)).status).toBe(401);
    await run.clock.advance(130_000);
    expect((await stockOf(run.db, 'MUG')).committed).toBe(1);
  });

  it('[I4] refuses what is unsigned, wrongly signed, old or for nobody, and stores none of it', async () => {
    const body = order('C-1', 1, { quantity: 1 });
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    const { 'webhook-signature': _, ...unsigned } = signed(body);
    const { 'x-onhand-account': __, ...nobody } = signed(body);
    expect((await post(on, '/v1/orders', body, unsigned)).status).toBe(401);
    expect((await post(on, '/v1/orders', body, signed(body, { secret: other }))).status).toBe(401);
    const stale = await post(on, '/v1/orders', body, signed(body, { agoMs: 301_000 }));
    expect([stale.status, JSON.parse(stale.said).error]).toEqual([401, 'stale']);
    expect((await post(on, '/v1/orders', body, signed(body, { account: 'no-such-shop' }))).status).toBe(404);
    expect((await post(on, '/v1/orders', body, nobody)).status).toBe(404);
    expect(await run.db.query('select id from delivery')).toEqual([]);
  });

  it('says what is wrong with a message, and takes one that says nothing about stock', async () => {
    const wrong = await post(on, '/v1/orders', order('D-1', 1, { quantity: -1 }));
    expect(wrong.status).toBe(400);
    expect(wrong.said).toContain('data.lines.0.quantity');
    expect((await post(on, '/v1/orders', '{"type":')).said).toContain('not JSON');
    expect((await post(on, '/v1/orders', '{"type":"customer.created","data":{}}')).status).toBe(200);
  });

  it('takes more than a page of an API takes, and not without end', async () => {
    const lines = Array.from({ length: 9_000 }, (_, index) => ({
      id: `L${index}`,
      sku: 'MUG',
      quantity: 0,
      note: 'x'.repeat(100),
    }));
    const message = {
      type: 'order.created',
      data: { id: 'E-1', version: 1, createdAt: '2026-11-24T08:00:00Z', lines },
    };
    const big = JSON.stringify(message);
    expect(big.length).toBeGreaterThan(1_300_000);
    expect((await post(on, '/v1/orders', big)).status).toBe(200);
    expect((await post(on, '/v1/orders', ' '.repeat(2 * 1024 * 1024 + 1))).status).toBe(413);
  });
});

describe('POST /v1/levels', () => {
  it('a level that somebody changed there is looked at, and shown as what it is', async () => {
    const [channel] = run.world.channels;
    const { sku, location, available } = channel!.sandbox.shown()[0]!;
    await run.clock.advance(600_000);
    // Its own webhook is lost, so that only what is posted below can tell.
    run.world.deliverTo = () => Promise.reject(new Error('lost'));
    channel!.sandbox.shopper.edit(sku, location, available + 5);
    await run.clock.advance(600_000);
    expect(await drifted()).toEqual([]);
    const at = new Date(run.clock.now()).toISOString();
    const levels = [{ sku, location, available: available + 5, at }];
    const body = JSON.stringify({ type: 'levels.updated', data: { levels } });
    const { webhookSecret: secret, account } = run.engine.registry.byKey('custom', channel!.sandbox.account)!
      .config as unknown as Record<'webhookSecret' | 'account', string>;
    expect((await post('api', '/v1/levels', body, signed(body, { secret, account }))).status).toBe(200);
    await run.clock.advance(120_000);
    expect(await drifted()).toEqual([sku]);
  });
});

const drifted = async () =>
  (await run.db.query<{ sku: string }>('select c.stock_key as sku from drift d join cell c on c.id = d.cell_id')).map(
    ({ sku }) => sku,
  );

it('the API describes the addresses in its OpenAPI document', async () => {
  const { paths } = (await servers.api.inject({ url: '/v1/openapi.json' })).json() as { paths: Record<string, object> };
  expect(Object.keys(paths['/v1/orders'] ?? {})).toEqual(['post']);
});
