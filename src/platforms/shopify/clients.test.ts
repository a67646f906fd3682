import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { listen } from '../../sandbox/listen.ts';
import { API_VERSION } from './facts.ts';
import { shopify } from './index.ts';
import { EAST, MUG, openBench } from './testing/bench.ts';

const adminClient = vendorModule('@shopify/admin-api-client');
const apiLibrary = vendorModule('@shopify/shopify-api');
const missing =
  adminClient && apiLibrary ? '' : ' (skipped: the vendor packages are not installed, run npm ci in test/vendor)';

let close: (() => Promise<void>)[] = [];
beforeEach(() => {
  close = [];
});
afterEach(async () => {
  for (const end of close) await end();
});

/** The stand-in on a loopback port, and a door on another one where its webhooks arrive over a socket. */
async function onSockets() {
  const hooks: HttpRequest[] = [];
  const door = await listen({
    handle: async (request): Promise<HttpResponse> => {
      hooks.push(request);
      return jsonResponse(200, '');
    },
  });
  const clock = { ...realClock, advance: realClock.sleep, run: <T>(work: Promise<T>) => work };
  const bench = openBench(clock, {
    deliver: async (hook) => {
      const answer = await fetch(hook.url, { method: hook.method, headers: hook.headers, body: String(hook.body) });
      return jsonResponse(answer.status, '');
    },
    // Webhooks a hundred times sooner; the test waits for them.
    factor: 100,
  });
  bench.sandbox.seed([MUG]);
  const shop = await listen(bench.sandbox);
  close.push(shop.close, door.close, async () => bench.sandbox.close());
  /** What the official clients ask of https://mugs.myshopify.com goes to the loopback port. */
  const redirected = (url: string | URL, init?: RequestInit) =>
    fetch(String(url).replace(`https://${bench.sandbox.account}`, shop.url), init);
  return { ...bench, hooks, hookUrl: `${door.url}/hooks/mugs`, redirected };
}

describe.skipIf(missing)(`Shopify's own clients against the stand-in, over a socket${missing}`, () => {
  it('@shopify/admin-api-client lists, reads, writes with guard and key, and hears every refusal', async () => {
    const { sandbox, redirected } = await onSockets();
    const client = adminClient.createAdminApiClient({
      storeDomain: sandbox.account,
      apiVersion: API_VERSION,
      accessToken: sandbox.access.fixedToken,
      customFetchApi: redirected,
    });
    const listed = await client.request(
      `query ($after: String) {
        locations(first: 10) { edges { node { id name } } }
        productVariants(first: 5, after: $after) { nodes { sku inventoryItem { id tracked } } pageInfo { hasNextPage } }
      }`,
      { variables: { after: null } },
    );
    expect(listed.errors).toBeUndefined();
    expect(listed.data.locations.edges.map((edge: { node: unknown }) => edge.node)).toEqual([
      { id: `gid://shopify/Location/${EAST}`, name: 'East' },
      expect.objectContaining({ name: 'West' }),
    ]);
    expect(listed.extensions.cost.throttleStatus.maximumAvailable).toBeGreaterThan(0);
    const itemId = listed.data.productVariants.nodes[0].inventoryItem.id;

    const set = (quantity: number, from: number | undefined, key: string | null) =>
      client.request(
        `mutation Set($input: InventorySetQuantitiesInput!) {
          done: inventorySetQuantities(input: $input) ${key ? `@idempotent(key: "${key}")` : ''} {
            inventoryAdjustmentGroup { changes { delta quantityAfterChange } }
            userErrors { code field }
          }
        }`,
        {
          variables: {
            input: {
              name: 'available',
              reason: 'correction',
              quantities: [
                {
                  inventoryItemId: itemId,
                  locationId: `gid://shopify/Location/${EAST}`,
                  quantity,
                  ...(from !== undefined && { changeFromQuantity: from }),
                },
              ],
            },
          },
        },
      );
    const shown = () => sandbox.shown().find((row) => row.location === EAST)?.available;
    expect((await set(8, 10, 'a')).data.done.inventoryAdjustmentGroup.changes).toEqual([
      { delta: -2, quantityAfterChange: 8 },
    ]);
    expect(shown()).toBe(8);
    expect((await set(8, 10, 'a')).data.done.userErrors).toEqual([]);
    expect((await set(7, 10, 'a')).data.done.userErrors[0].code).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    expect((await set(5, 10, 'b')).data.done.userErrors).toEqual([
      { code: 'CHANGE_FROM_QUANTITY_STALE', field: ['input', 'quantities', '0', 'changeFromQuantity'] },
    ]);
    expect((await set(5, 8, null)).errors.graphQLErrors[0].extensions.code).toBe('BAD_REQUEST');
    expect((await set(5, undefined, 'c')).errors.graphQLErrors[0].extensions.code).toBe('INVALID_FIELD_ARGUMENTS');
    expect(shown()).toBe(8);

    const wrong = await client.request('{ shop { nickname } }');
    expect(wrong.errors.graphQLErrors[0].extensions.code).toBe('undefinedField');
    const stranger = adminClient.createAdminApiClient({
      storeDomain: sandbox.account,
      apiVersion: API_VERSION,
      accessToken: 'shpat_x',
      customFetchApi: redirected,
    });
    expect((await stranger.request('{ shop { name } }')).errors.networkStatusCode).toBe(401);
  });

  it('@shopify/shopify-api gets tokens, registers a webhook, and finds every delivery authentic; so do we', async () => {
    const { sandbox, redirected, hooks, hookUrl, config } = await onSockets();
    vendorModule('@shopify/shopify-api/adapters/node');
    const runtime = vendorModule('@shopify/shopify-api/runtime');
    runtime.setAbstractFetchFunc(redirected);
    const { clientId, webhookSecret } = config();
    const library = apiLibrary.shopifyApi({
      apiKey: clientId,
      apiSecretKey: webhookSecret,
      hostName: '127.0.0.1',
      apiVersion: '2026-07',
      isEmbeddedApp: false,
      logger: { level: 0 },
    });
    const { session } = await library.auth.clientCredentials({ shop: sandbox.account });
    expect(session.accessToken).toMatch(/^shpat_/);
    const refreshed = await library.auth.refreshToken({
      shop: sandbox.account,
      refreshToken: sandbox.access.refreshToken,
    });
    expect(refreshed.session.refreshToken).not.toBe(sandbox.access.refreshToken);
    await expect(
      library.auth.refreshToken({ shop: sandbox.account, refreshToken: sandbox.access.refreshToken }),
    ).rejects.toThrow();

    const graphql = new library.clients.Graphql({ session });
    for (const topic of ['ORDERS_CREATE', 'INVENTORY_LEVELS_UPDATE', 'ORDERS_UPDATED'])
      await graphql.request(
        `mutation ($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
          webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) { userErrors { message } }
        }`,
        { variables: { topic, hook: { uri: hookUrl, format: 'JSON' } } },
      );
    sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    for (let tries = 0; hooks.length < 3 && tries < 100; tries += 1) await realClock.sleep(20);
    expect(hooks.map((hook) => hook.headers['x-shopify-topic']).sort()).toEqual([
      'inventory_levels/update',
      'orders/create',
      'orders/updated',
    ]);
    for (const hook of hooks) {
      const rawBody = Buffer.from(hook.body as Uint8Array).toString('utf8');
      const rawRequest = { method: hook.method, url: new URL(hook.url).pathname, headers: hook.headers };
      const judged = await library.webhooks.validate({ rawBody, rawRequest });
      expect(judged).toMatchObject({ valid: true, domain: sandbox.account });
      const forged = await library.webhooks.validate({ rawBody: rawBody.replace('2', '3'), rawRequest });
      expect(forged.valid).toBe(false);
      const delivery = {
        method: hook.method,
        path: '/',
        headers: hook.headers,
        body: hook.body as Uint8Array,
        receivedAt: '',
      };
      expect(shopify.verify(delivery, config(), 0)).toMatchObject({
        verdict: 'ok',
        topic: hook.headers['x-shopify-topic'],
      });
    }
  });

  it("what Shopify's own library signs, we find authentic", async () => {
    vendorModule('@shopify/shopify-api/adapters/node');
    const { createSHA256HMAC } = vendorModule('@shopify/shopify-api/runtime');
    const body = '{"id":1,"note":"Ünïcode ✓"}';
    const signature = await createSHA256HMAC('shpss_1', body);
    const headers = { 'x-shopify-hmac-sha256': signature, 'x-shopify-topic': 'orders/delete' };
    const delivery = { method: 'POST', path: '/', headers, body: Buffer.from(body), receivedAt: '' };
    expect(shopify.verify(delivery, { account: 'mugs.myshopify.com', webhookSecret: 'shpss_1' }, 0).verdict).toBe('ok');
    expect(shopify.verify(delivery, { account: 'mugs.myshopify.com', webhookSecret: 'shpss_2' }, 0).verdict).toBe(
      'refused',
    );
  });
});
