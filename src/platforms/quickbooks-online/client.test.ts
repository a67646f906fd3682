import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpRequest, jsonResponse } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import { type QboConfig, qboConfig } from './config.ts';
import { type QboSandbox, qboSandbox } from './sandbox.ts';
import { verify } from './webhook.ts';

const QuickBooks = vendorModule('node-quickbooks');
const OAuthClient = vendorModule('intuit-oauth');
const present = QuickBooks && OAuthClient;

describe.skipIf(!present)(
  `npm intuit-oauth and node-quickbooks against the stand-in${present ? '' : ' (skipped: test/vendor is not installed)'}`,
  () => {
    const hooks: HttpRequest[] = [];
    let sandbox: QboSandbox;
    let server: Awaited<ReturnType<typeof listen>>;
    let config: QboConfig;
    // biome-ignore lint/suspicious/noExplicitAny: the clients have no types.
    let auth: any, qbo: any;

    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes.
    const call = (name: string, ...args: unknown[]): Promise<any> =>
      new Promise((resolve, reject) => {
        qbo[name](...args, (error: { response?: { data: unknown } } | null, body: unknown) =>
          error ? reject(error.response?.data ?? error) : resolve(body),
        );
      });

    beforeAll(async () => {
      sandbox = qboSandbox({
        clock: realClock,
        random: seededRandom(3),
        name: 'mugs',
        locations: [{ id: '1', name: 'Shop' }],
        factor: 1_000,
        unlimited: true,
        deliver: async (hook) => {
          hooks.push(hook);
          return jsonResponse(200, '');
        },
      });
      sandbox.seed([
        { sku: 'MUG', title: 'Mug', stock: { 1: 10 } },
        { sku: 'CUP', title: 'Cup', stock: { 1: 4 } },
        { sku: 'GIFT', title: 'Gift wrap', stock: { 1: 0 }, untracked: true },
      ]);
      server = await listen(sandbox);
      config = qboConfig.parse(
        sandbox.config({ api: server.url, hook: 'https://onhand.test/hooks/quickbooks-online' }),
      );
      auth = new OAuthClient({
        clientId: config.clientId,
        clientSecret: config.clientSecret,
        environment: 'sandbox',
        redirectUri: 'https://onhand.test',
      });
      OAuthClient.tokenEndpoint = `${server.url}/oauth2/v1/tokens/bearer`;
      QuickBooks.V3_ENDPOINT_BASE_URL = `${server.url}/v3/company/`;
      await connect();
    });
    afterAll(async () => {
      sandbox.close();
      await server.close();
    });

    async function connect() {
      const { json } = await auth.refreshUsingToken(config.refreshToken);
      expect(json).toMatchObject({ token_type: 'bearer', expires_in: 3.6 });
      qbo = new QuickBooks(
        config.clientId,
        config.clientSecret,
        json.access_token,
        false,
        config.account,
        true,
        false,
        75,
        '2.0',
        json.refresh_token,
      );
    }

    it('Intuit’s own client renews, and is told why it may not', async () => {
      await expect(auth.refreshUsingToken('RT1-none')).rejects.toMatchObject({
        authResponse: { json: { error: 'invalid_grant' } },
      });
      const stranger = new OAuthClient({
        clientId: 'x',
        clientSecret: 'y',
        environment: 'sandbox',
        redirectUri: 'https://x.test',
      });
      await expect(stranger.refreshUsingToken(config.refreshToken)).rejects.toMatchObject({
        authResponse: { json: { error: 'invalid_client' } },
      });
    });

    it('finds items by its own query language', async () => {
      await connect();
      const { QueryResponse } = await call('findItems', [
        { field: 'Type', value: 'Inventory' },
        { field: 'limit', value: 10 },
      ]);
      expect(QueryResponse.Item.map(({ Sku, QtyOnHand }: Record<string, unknown>) => [Sku, QtyOnHand])).toEqual([
        ['MUG', 10],
        ['CUP', 4],
      ]);
      expect(await call('getItem', QueryResponse.Item[0].Id)).toMatchObject({ Sku: 'MUG', Type: 'Inventory' });
      expect(await call('findAccounts', { AccountType: 'Cost of Goods Sold' })).toMatchObject({
        QueryResponse: { Account: [{ Id: '80' }] },
      });
    });

    it('follows a sale by change data capture, reads it, and hears of it by signed webhooks', async () => {
      await connect();
      const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
      if (!bought.ok) throw new Error(bought.why);
      const receipt = await call('getSalesReceipt', bought.order);
      expect(receipt).toMatchObject({ SyncToken: '0', Line: [{ SalesItemLineDetail: { Qty: 2 } }, {}] });
      sandbox.staff.remove(bought.order);
      const since = new Date(realClock.now() - 60_000).toISOString();
      const { CDCResponse } = await call('changeDataCapture', 'SalesReceipt,Invoice', since);
      expect(CDCResponse[0].QueryResponse[0].SalesReceipt).toMatchObject([{ Id: bought.order, status: 'Deleted' }]);
      await expect(call('getSalesReceipt', bought.order)).rejects.toMatchObject({
        Fault: { Error: [{ code: '610' }] },
      });
      for (let tries = 0; hooks.length < 4 && tries < 200; tries++) await realClock.sleep(10);
      const types = hooks.map((hook) => {
        const delivery = {
          method: 'POST',
          path: '/',
          headers: hook.headers,
          body: Buffer.from(hook.body!),
          receivedAt: '',
        };
        expect(verify(delivery, config).verdict).toBe('ok');
        return JSON.parse(String(hook.body))[0].type;
      });
      expect(types.sort()).toEqual([
        'qbo.item.updated.v1',
        'qbo.item.updated.v1',
        'qbo.salesreceipt.created.v1',
        'qbo.salesreceipt.deleted.v1',
      ]);
    });
  },
);
