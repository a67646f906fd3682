import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { listen } from '../../sandbox/listen.ts';
import { signed } from './oauth.ts';
import { openBench } from './testing/bench.ts';
import { verify } from './webhook.ts';

const official = vendorModule('@woocommerce/woocommerce-rest-api');
const WooCommerce = official?.default ?? official;

describe.skipIf(!official)(
  '@woocommerce/woocommerce-rest-api against the stand-in (skipped: test/vendor is not installed)',
  () => {
    const bench = openBench({ clock: realClock, factor: 100 });
    let server: Awaited<ReturnType<typeof listen>>;
    const keys = () => ({
      consumerKey: bench.config.consumerKey,
      consumerSecret: bench.config.consumerSecret,
      version: 'wc/v3',
    });
    // biome-ignore lint/suspicious/noExplicitAny: the package has no types.
    let api: any;
    beforeAll(async () => {
      server = await listen(bench.sandbox);
      api = new WooCommerce({ url: server.url, ...keys() });
    });
    afterAll(async () => {
      bench.sandbox.close();
      await server.close();
    });

    const failure = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: { response: { status: number; data: unknown } }) => [error.response.status, error.response.data],
      );

    it('signs by OAuth over plain http: lists, reads and writes', async () => {
      const { data, headers } = await api.get('products', { per_page: 20, orderby: 'id', order: 'asc' });
      expect(data.map(({ sku, type }: Record<string, string>) => `${type} ${sku}`)).toEqual([
        'variable ',
        'simple MUG',
        'simple HAT',
      ]);
      expect(headers['x-wp-total']).toBe('3');
      const { data: batch } = await api.post('products/batch', {
        update: [
          { id: data[1].id, stock_quantity: 4 },
          { id: 5, stock_quantity: 1 },
        ],
      });
      expect(batch.update[0].stock_quantity).toBe(4);
      expect(batch.update[1]).toEqual({
        id: 5,
        error: { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: { status: 400 } },
      });
      await api.put('products/1005/variations/1020', { stock_quantity: 3 });
      const { data: variations } = await api.get('products/1005/variations', { include: '1020' });
      expect(variations[0]).toMatchObject({ sku: 'TEE-S', stock_quantity: 3, parent_id: 1005 });
      expect(bench.sandbox.shown().map(({ available }) => available)).toEqual([4, 3, 10, 10]);
    });

    it('makes an order, refunds a unit, and is told by a webhook that we find authentic', async () => {
      const hook = { topic: 'order.updated', delivery_url: 'https://onhand.test/hooks/1', secret: 'official-secret' };
      await api.post('webhooks', hook);
      const { data: order } = await api.post('orders', {
        set_paid: true,
        line_items: [{ product_id: 1040, quantity: 3 }],
      });
      expect(order).toMatchObject({ status: 'processing', line_items: [{ sku: 'HAT', quantity: 3 }] });
      const line = order.line_items[0].id;
      await api.post(`orders/${order.id}/refunds`, { api_refund: false, line_items: [{ id: line, quantity: 1 }] });
      const { data: after } = await api.get(`orders/${order.id}`);
      const meta = Object.fromEntries(
        after.line_items[0].meta_data.map((one: Record<string, string>) => [one['key'], one['value']]),
      );
      expect(meta).toEqual({ _reduced_stock: '2', _restock_refunded_items: '1' });
      await expect.poll(() => bench.deliveries.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);
      const [ping, told] = bench.deliveries;
      const config = { ...bench.config, webhookSecret: hook.secret };
      expect(verify(ping!, config).verdict).toBe('handshake');
      expect(verify(told!, config)).toMatchObject({ verdict: 'ok', topic: 'order.updated' });
    });

    it('wrong secret, repeated nonce, old timestamp: refused as WooCommerce words it', async () => {
      const wrong = new WooCommerce({ url: server.url, ...keys(), consumerSecret: 'cs_wrong' });
      expect(await failure(wrong.get('products'))).toMatchObject([
        401,
        { code: 'woocommerce_rest_authentication_error' },
      ]);
      const get = async (now: number) => {
        const request = {
          method: 'GET' as const,
          url: `${server.url}/wp-json/wc/v3/products?include=1%2C2&a=x%20y*`,
          headers: {},
        };
        const response = await fetch(signed(request, bench.config, now).url);
        return [response.status, ((await response.json()) as { message?: string }).message];
      };
      const now = Date.now();
      expect(await get(now)).toEqual([200, undefined]);
      expect(await get(now)).toEqual([401, 'Invalid nonce - nonce has already been used.']);
      expect(await get(now - 16 * 60_000)).toEqual([401, 'Invalid timestamp.']);
    });

    it('Basic auth is refused over plain http and taken over https', async () => {
      const authorization = `Basic ${Buffer.from(`${bench.config.consumerKey}:${bench.config.consumerSecret}`).toString('base64')}`;
      const get = (headers: Record<string, string>) =>
        fetch(`${server.url}/wp-json/wc/v3/products`, { headers: { authorization, ...headers } }).then(
          ({ status }) => status,
        );
      expect([await get({}), await get({ 'x-forwarded-proto': 'https' })]).toEqual([401, 200]);
    });

    it('its signature and ours of one request are the same', () => {
      const url = `${server.url}/wp-json/wc/v3/orders?include=1%2C2&modified_after=2026-11-24T00%3A00%3A00&status=any`;
      const ours = new URL(signed({ method: 'GET', url, headers: {} }, bench.config, Date.now()).url).searchParams;
      const oauth = api._getOAuth();
      const data = Object.fromEntries(
        [...ours].filter(([name]) => name.startsWith('oauth_') && name !== 'oauth_signature'),
      );
      expect(oauth.getSignature({ url, method: 'GET', data: {} }, '', data)).toBe(ours.get('oauth_signature'));
    });
  },
);
