import http from 'node:http';
import https from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../platform/sandbox.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import { authorize } from './authorize.ts';
import { type AmazonConfig, amazonConfig, queueOf } from './config.ts';
import { queueRequest } from './queue.ts';
import { createSandbox } from './sandbox.ts';
import { decode, QUEUE_METHOD, verify } from './webhook.ts';

const sdk = vendorModule('amazon-sp-api');
const MARKETPLACE = 'ATVPDKIKX0DER';

/** The client's hosts are fixed: its calls are carried to a loopback port, the host it meant in a header. */
function redirect(port: number): () => void {
  const original = https.request;
  const wanted: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: https.request has seven signatures; this client uses (options, callback).
  (https as any).request = (options: any, callback: any) => {
    wanted.push(options.hostname);
    const headers = { ...options.headers, 'x-original-host': options.hostname };
    const { method, path } = options;
    return http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, callback);
  };
  return () => {
    (https as { request: unknown }).request = original;
    expect(new Set(wanted)).toEqual(new Set(['api.amazon.com', 'sellingpartnerapi-na.amazon.com']));
  };
}

describe.skipIf(!sdk)(
  `npm amazon-sp-api against the stand-in${sdk ? '' : ' (skipped: test/vendor is not installed)'}`,
  () => {
    const realMs = 2_000;
    let sandbox: Sandbox;
    let server: Awaited<ReturnType<typeof listen>>;
    let restore: () => void;
    let config: AmazonConfig;
    // biome-ignore lint/suspicious/noExplicitAny: the client has no types that name every answer.
    let client: any;

    beforeAll(async () => {
      sandbox = createSandbox({
        clock: realClock,
        random: seededRandom(3),
        name: 'sdk-1',
        locations: [{ id: 'W1', name: 'Main warehouse' }],
        // A quarter of an hour passes in less than a second.
        factor: 2_000,
        deliver: () => Promise.reject(new Error('Amazon delivers nothing')),
      });
      sandbox.seed([
        { sku: 'MUG', title: 'Mug', stock: { W1: 10 } },
        { sku: 'A/B 50%', title: 'Odd', stock: { W1: 4 } },
      ]);
      server = await listen(sandbox);
      config = amazonConfig.parse(sandbox.config({ api: server.url, hook: 'https://onhand.test' }));
      restore = redirect(Number(new URL(server.url).port));
      client = new sdk.SellingPartner({
        region: 'na',
        refresh_token: config.refreshToken,
        credentials: {
          SELLING_PARTNER_APP_CLIENT_ID: config.clientId,
          SELLING_PARTNER_APP_CLIENT_SECRET: config.clientSecret,
        },
      });
    });
    afterAll(async () => {
      restore();
      sandbox.close();
      await server.close();
    });

    const call = (operation: string, version: string, more: object) =>
      client.callAPI({ operation, ...more, options: { version } });
    const seller = () => ({ sellerId: config.account });
    const quantity = async (sku: string) => {
      const item = await call('listingsItems.getListingsItem', '2021-08-01', {
        path: { ...seller(), sku },
        query: { marketplaceIds: [MARKETPLACE], includedData: ['fulfillmentAvailability'] },
      });
      return item.fulfillmentAvailability[0].quantity;
    };
    const until = async (done: () => Promise<boolean>) => {
      const endMs = Date.now() + realMs;
      while (!(await done())) {
        if (Date.now() > endMs) throw new Error('it never came');
        await realClock.sleep(20);
      }
    };

    it('lists', async () => {
      const found = await call('listingsItems.searchListingsItems', '2021-08-01', {
        path: seller(),
        query: {
          marketplaceIds: [MARKETPLACE],
          sortBy: 'sku',
          sortOrder: 'ASC',
          includedData: ['summaries', 'fulfillmentAvailability'],
        },
      });
      expect(found.numberOfResults).toBe(2);
      expect(found.items.map((item: { sku: string }) => item.sku)).toEqual(['A/B 50%', 'MUG']);
    });

    it('reads and writes a SKU that must be encoded', async () => {
      expect(await quantity('A/B 50%')).toBe(4);
      const answer = await call('listingsItems.patchListingsItem', '2021-08-01', {
        path: { ...seller(), sku: 'A/B 50%' },
        query: { marketplaceIds: [MARKETPLACE] },
        body: {
          productType: 'PRODUCT',
          patches: [
            {
              op: 'merge',
              path: '/attributes/fulfillment_availability',
              value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 9 }],
            },
          ],
        },
      });
      expect(answer).toMatchObject({ sku: 'A/B 50%', status: 'ACCEPTED' });
      await until(async () => (await quantity('A/B 50%')) === 9);
    });

    it('is refused as Amazon refuses', async () => {
      await expect(quantity('NONE')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(
        call('listingsItems.searchListingsItems', '2021-08-01', {
          path: { sellerId: 'OTHER' },
          query: { marketplaceIds: [MARKETPLACE] },
        }),
      ).rejects.toMatchObject({ code: 'Unauthorized' });
    });

    it('finds orders', async () => {
      const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
      if (!bought.ok) throw new Error(bought.why);
      await realClock.sleep(100);
      const { orders } = await call('orders.searchOrders', '2026-01-01', {
        query: { lastUpdatedAfter: new Date(Date.now() - 3_600_000).toISOString(), includedData: ['FULFILLMENT'] },
      });
      expect(orders).toMatchObject([{ orderId: bought.order, fulfillment: { fulfillmentStatus: 'UNSHIPPED' } }]);
      const { order } = await call('orders.getOrder', '2026-01-01', {
        path: { orderId: bought.order },
        query: { includedData: ['FULFILLMENT'] },
      });
      expect(order.orderItems[0].fulfillment).toEqual({ quantityFulfilled: 0, quantityUnfulfilled: 2 });
    });

    it('subscribes; a sale is then in the queue, and we believe and understand it', async () => {
      const destination = await call('notifications.createDestination', 'v1', {
        body: { name: 'q', resourceSpecification: { sqs: { arn: 'arn:aws:sqs:us-east-1:123456789012:onhand' } } },
      });
      const subscription = await call('notifications.createSubscription', 'v1', {
        path: { notificationType: 'ORDER_CHANGE' },
        body: {
          payloadVersion: '1.0',
          destinationId: destination.destinationId,
          processingDirective: { eventFilter: { eventFilterType: 'ORDER_CHANGE', marketplaceIds: [MARKETPLACE] } },
        },
      });
      const known = { ...config, subscriptions: { ORDER_CHANGE: subscription.subscriptionId } };
      const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
      if (!bought.ok) throw new Error(bought.why);
      // The client speaks no SQS: the queue is read by a signed call of ours over the same socket.
      const request = authorize(
        queueRequest(queueOf(known)!, 'ReceiveMessage', { MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
        known,
        Date.now(),
      );
      const messages: { Body: string }[] = [];
      await until(async () => {
        const { host: _, ...headers } = request.headers;
        const answer = await fetch(request.url, { method: 'POST', headers, body: String(request.body) });
        messages.push(...(((await answer.json()) as { Messages?: { Body: string }[] }).Messages ?? []));
        return messages.length >= 2;
      });
      for (const { Body } of messages) {
        const delivery = {
          method: QUEUE_METHOD,
          path: known.queueUrl!,
          headers: {},
          body: Buffer.from(Body),
          receivedAt: new Date().toISOString(),
        };
        expect(verify(delivery, known)).toMatchObject({ verdict: 'ok', topic: 'ORDER_CHANGE' });
        expect(decode(delivery, 'ORDER_CHANGE', known)).toMatchObject([
          {
            kind: 'document',
            doc: { doc: `order:${bought.order}`, lines: [{ listing: 'MUG', parts: [{ committed: 1 }] }] },
          },
        ]);
      }
      await call('notifications.deleteSubscriptionById', 'v1', {
        path: { notificationType: 'ORDER_CHANGE', subscriptionId: subscription.subscriptionId },
      });
      await call('notifications.deleteDestination', 'v1', { path: { destinationId: destination.destinationId } });
    });
  },
);
