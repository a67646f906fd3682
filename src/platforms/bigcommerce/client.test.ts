import http from 'node:http';
import https from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpRequest, jsonResponse } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import { bigConfig } from './config.ts';
import { type BigSandbox, bigSandbox } from './sandbox.ts';
import { verify } from './webhook.ts';

const BigCommerce = vendorModule('node-bigcommerce');

/** The client's host is fixed: its calls are carried to a loopback port. */
function redirect(port: number): () => void {
  const original = https.request;
  // biome-ignore lint/suspicious/noExplicitAny: https.request has seven signatures; this client uses (options, callback).
  (https as any).request = ({ method, path, headers, hostname }: any, callback: any) => {
    expect(hostname).toBe('api.bigcommerce.com');
    return http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, callback);
  };
  return () => {
    (https as { request: unknown }).request = original;
  };
}

describe.skipIf(!BigCommerce)(
  `npm node-bigcommerce against the stand-in${BigCommerce ? '' : ' (skipped: test/vendor is not installed)'}`,
  () => {
    const hooks: HttpRequest[] = [];
    let sandbox: BigSandbox;
    let server: Awaited<ReturnType<typeof listen>>;
    let restore: () => void;
    let config: ReturnType<typeof bigConfig.parse>;
    // biome-ignore lint/suspicious/noExplicitAny: the client has no types.
    let v2: any, v3: any;

    beforeAll(async () => {
      sandbox = bigSandbox({
        clock: realClock,
        random: seededRandom(3),
        name: 'mugs',
        locations: [
          { id: '1', name: 'Default location' },
          { id: '2', name: 'Shop' },
        ],
        factor: 100,
        deliver: async (hook) => {
          hooks.push(hook);
          return jsonResponse(200, '');
        },
      });
      sandbox.seed([
        { sku: 'MUG', title: 'Mug', stock: { 1: 10, 2: 3 } },
        { sku: 'CUP', title: 'Cup', stock: { 1: 4 } },
        { sku: 'HAT', title: 'Hat', stock: { 1: 7 } },
      ]);
      server = await listen(sandbox);
      restore = redirect(Number(new URL(server.url).port));
      config = bigConfig.parse(sandbox.config({ api: server.url, hook: '' }));
      const settings = {
        clientId: 'x',
        accessToken: config.accessToken,
        storeHash: config.account,
        failOnLimitReached: true,
      };
      v2 = new BigCommerce({ ...settings, apiVersion: 'v2' });
      v3 = new BigCommerce({ ...settings, apiVersion: 'v3' });
    });
    afterAll(async () => {
      restore();
      sandbox.close();
      await server.close();
    });

    const until = async (ready: () => boolean) => {
      for (let tries = 0; !ready() && tries < 200; tries++) await realClock.sleep(10);
      expect(ready()).toBe(true);
    };

    it('reads catalogue, places and stock', async () => {
      const { data } = await v3.get('/catalog/products?include=variants&limit=10');
      expect(data.map((one: { inventory_tracking: string }) => one.inventory_tracking)).toEqual(['variant', 'product']);
      expect(data[0].variants.map(({ sku }: { sku: string }) => sku)).toEqual(['MUG', 'CUP']);
      const places = await v3.get('/inventory/locations');
      expect(places.data.map(({ label }: { label: string }) => label)).toEqual(['Default location', 'Shop']);
      const stock = await v3.get('/inventory/items?sku:in=MUG&location_id:in=2');
      expect(stock.data[0].locations).toMatchObject([{ available_to_sell: 3, total_inventory_onhand: 3 }]);
    });

    it('writes absolutely, a little later, and hears every refusal', async () => {
      const write = (...items: object[]) => v3.put('/inventory/adjustments/absolute', { reason: 'test', items });
      const { transaction_id } = await write({ location_id: 1, sku: 'CUP', quantity: 9 });
      expect(transaction_id).toMatch(/^[0-9a-f-]{36}$/);
      await until(
        () => sandbox.shown().find(({ sku, location }) => sku === 'CUP' && location === '1')?.available === 9,
      );
      const refusal = (work: Promise<unknown>) =>
        work.then(
          () => 'no error',
          (error: { code: number; responseBody: string }) => [error.code, JSON.parse(error.responseBody).title],
        );
      expect(await refusal(write({ location_id: 1, sku: 'HAT', quantity: 1 }))).toEqual([
        422,
        '[Item with sku HAT is tracked by product, please update stock by product id]',
      ]);
      expect(
        await refusal(write({ location_id: 1, sku: 'NONE', quantity: 1 }, { location_id: 1, sku: 'MUG', quantity: 0 })),
      ).toEqual([422, '[Item with sku NONE was not found]']);
      await realClock.sleep(60);
      expect(sandbox.shown().find(({ sku }) => sku === 'MUG')?.available, 'refused whole').toBe(10);
      const stranger = new BigCommerce({
        clientId: 'x',
        accessToken: 'no',
        storeHash: config.account,
        apiVersion: 'v3',
      });
      expect(await refusal(stranger.get('/inventory/locations'))).toMatchObject([401, expect.anything()]);
    });

    it('follows an order, and is told of it by signed webhooks', async () => {
      expect(await v2.get('/orders')).toBe('');
      const destination = 'https://onhand.test/hooks/1';
      await v3.post('/hooks', { scope: 'store/order/*', destination, is_active: true });
      await expect(v3.post('/hooks', { scope: 'store/order/*', destination })).rejects.toMatchObject({ code: 422 });
      await expect(
        v3.post('/hooks', { scope: 'store/order/created', destination: 'http://x.test/' }),
      ).rejects.toMatchObject({ code: 422 });
      const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
      if (!bought.ok) throw new Error(bought.why);
      const [order] = await v2.get('/orders?status_id=11');
      expect(order).toMatchObject({ id: Number(bought.order), status: 'Awaiting Fulfillment', items_total: 2 });
      expect(await v2.get(`/orders/${bought.order}/products`)).toMatchObject([
        { sku: 'MUG', quantity: 2, quantity_shipped: 0 },
      ]);
      sandbox.shopper.fulfil(bought.order);
      expect(await v2.get(`/orders/${bought.order}`)).toMatchObject({ status_id: 2, items_shipped: 2 });
      await until(() => hooks.length >= 4);
      const scopes = hooks.map((hook) => {
        const delivery = {
          method: 'POST',
          path: '/',
          headers: hook.headers,
          body: Buffer.from(hook.body!),
          receivedAt: '',
        };
        const verdict = verify(delivery, config, realClock.now());
        return verdict.verdict === 'ok' ? verdict.topic : verdict;
      });
      expect(scopes.sort()).toEqual([
        'store/order/created',
        'store/order/statusUpdated',
        'store/order/statusUpdated',
        'store/order/updated',
      ]);
    });
  },
);
