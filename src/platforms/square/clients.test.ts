import { afterEach, describe, expect, it } from 'vitest';
import { type HttpRequest, jsonResponse } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import { square } from './index.ts';
import { squareSandbox } from './sandbox.ts';
import { EVENT_TYPES, SIGNATURE_HEADER, verify } from './webhook.ts';

const sdk = vendorModule('square');
const missing = sdk ? '' : ' (skipped: the vendor package is not installed, run npm ci in test/vendor)';

const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of close.splice(0)) await end();
});

const SHOP = 'LSHOP0000001';
const ONLINE = 'LONLINE00001';

/** The stand-in on a loopback port, its webhooks on another, and Square's own client to it. */
async function onSockets() {
  const hooks: HttpRequest[] = [];
  const door = await listen({
    handle: async (request) => {
      hooks.push(request);
      return jsonResponse(200, '');
    },
  });
  const sandbox = squareSandbox({
    clock: realClock,
    random: seededRandom(3),
    name: 'mugs',
    locations: [
      { id: SHOP, name: 'High street' },
      { id: ONLINE, name: 'Online' },
    ],
    // Webhooks a hundred times sooner.
    factor: 100,
    deliver: async (hook) => {
      const answer = await fetch(hook.url, { method: hook.method, headers: hook.headers, body: String(hook.body) });
      return jsonResponse(answer.status, '');
    },
  });
  sandbox.seed([
    { sku: 'MUG', title: 'Mug', stock: { [SHOP]: 10, [ONLINE]: 5 } },
    { sku: 'CUP', title: 'Cup', stock: { [SHOP]: 4 } },
  ]);
  const api = await listen(sandbox);
  close.push(api.close, door.close, () => sandbox.close());
  const client = new sdk.SquareClient({ token: sandbox.access.first.token, baseUrl: api.url, maxRetries: 0 });
  const application = new sdk.SquareClient({ token: sandbox.access.application, baseUrl: api.url, maxRetries: 0 });
  return { sandbox, hooks, hookUrl: `${door.url}/hooks/square`, client, application, apiUrl: api.url };
}

const until = async (ready: () => boolean) => {
  for (let tries = 0; !ready() && tries < 200; tries += 1) await realClock.sleep(20);
};

describe.skipIf(!sdk)(`Square's own SDK against the stand-in, over a socket${missing}`, () => {
  it('lists places and catalogue, and reads counts', async () => {
    const { client } = await onSockets();
    const { locations } = await client.locations.list();
    expect(locations.map((one: { id: string; name: string }) => [one.id, one.name])).toEqual([
      [SHOP, 'High street'],
      [ONLINE, 'Online'],
    ]);
    const { objects } = await client.catalog.search({ objectTypes: ['ITEM'] });
    const [mug] = objects[0].itemData.variations;
    expect(mug.itemVariationData).toMatchObject({ sku: 'MUG', trackInventory: true });
    const listed = [];
    for await (const object of await client.catalog.list({ types: 'ITEM_VARIATION' })) listed.push(object.id);
    expect(listed).toHaveLength(2);
    const counts = [];
    for await (const count of await client.inventory.batchGetCounts({
      catalogObjectIds: [mug.id],
      states: ['IN_STOCK'],
    }))
      counts.push([count.locationId, count.quantity]);
    expect(counts).toEqual([
      [SHOP, '10'],
      [ONLINE, '5'],
    ]);
  });

  it('writes in the shape of its own version (2026-09-16) with a key that repeats, and hears every refusal', async () => {
    const { client, sandbox } = await onSockets();
    const { objects } = await client.catalog.search({ objectTypes: ['ITEM'] });
    const catalogObjectId = objects[0].itemData.variations[0].id;
    const body = (idempotencyKey: string, quantity: string) => ({
      idempotencyKey,
      changes: [
        {
          type: 'ADJUSTMENT',
          adjustment: {
            catalogObjectId,
            fromState: 'IN_STOCK',
            toState: 'SOLD',
            fromLocationId: SHOP,
            toLocationId: SHOP,
            quantity,
            occurredAt: new Date(Date.now() - 1_000).toISOString().replace(/\d{3}Z/, '000Z'),
            referenceId: `ref-${idempotencyKey}`,
          },
        },
      ],
    });
    const shown = () => sandbox.shown().find(({ sku, location }) => sku === 'MUG' && location === SHOP)?.available;
    const request = body('key-1', '2.5');
    const first = await client.inventory.batchCreateChanges(request);
    expect(first.counts[0]).toMatchObject({ quantity: '7.5', state: 'IN_STOCK' });
    expect(first.changes[0].adjustment).toMatchObject({ fromLocationId: SHOP, toLocationId: SHOP });
    const again = await client.inventory.batchCreateChanges(request);
    expect(again).toEqual(first);
    expect(shown()).toBe(7.5);
    const code = async (work: Promise<unknown>) =>
      work.then(
        () => 'no error',
        (error: { errors: { code: string }[] }) => error.errors[0]?.code,
      );
    expect(await code(client.inventory.batchCreateChanges(body('key-1', '1')))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await code(client.inventory.batchCreateChanges(body('key-2', '1.000001')))).toBe('INVALID_VALUE');
    expect(await code(client.orders.get({ orderId: 'NOPE' }))).toBe('NOT_FOUND');
    const stranger = new sdk.SquareClient({ token: 'EAAAnobody', baseUrl: client._options.baseUrl, maxRetries: 0 });
    expect(await code(stranger.locations.list())).toBe('UNAUTHORIZED');
    expect(shown()).toBe(7.5);
    const found = [];
    for await (const change of await client.inventory.batchGetChanges({ catalogObjectIds: [catalogObjectId] }))
      found.push(change.adjustment.referenceId);
    expect(found).toEqual(['ref-key-1']);
  });

  it('an older version has one place per adjustment', async () => {
    const { sandbox, apiUrl } = await onSockets();
    const headers = {
      authorization: `Bearer ${sandbox.access.first.token}`,
      'content-type': 'application/json',
      'square-version': '2026-05-20',
    };
    const adjustment = (places: Record<string, string>) => ({
      catalog_object_id: 'VARIATION000000000000001',
      from_state: 'NONE',
      to_state: 'IN_STOCK',
      quantity: '1',
      occurred_at: new Date(Date.now() - 1_000).toISOString(),
      ...places,
    });
    const write = async (key: string, places: Record<string, string>) => {
      const body = JSON.stringify({
        idempotency_key: key,
        changes: [{ type: 'ADJUSTMENT', adjustment: adjustment(places) }],
      });
      const answer = await fetch(`${apiUrl}/v2/inventory/changes/batch-create`, { method: 'POST', headers, body });
      return answer.json() as Promise<{ errors: { code: string }[]; changes?: { adjustment: object }[] }>;
    };
    expect((await write('a', { location_id: SHOP })).changes?.[0]?.adjustment).toMatchObject({ location_id: SHOP });
    const split = await write('b', { from_location_id: SHOP, to_location_id: SHOP });
    expect(split.errors[0]?.code).toBe('MISSING_REQUIRED_PARAMETER');
  });

  it('renews tokens, and follows orders, payments and refunds', async () => {
    const { client, sandbox } = await onSockets();
    const { access } = sandbox;
    const renewed = await client.oAuth.obtainToken({
      clientId: access.applicationId,
      clientSecret: access.applicationSecret,
      grantType: 'refresh_token',
      refreshToken: access.refresh,
    });
    expect(renewed).toMatchObject({ merchantId: sandbox.account, tokenType: 'bearer' });
    expect(renewed.accessToken).not.toBe(access.first.token);
    const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: SHOP });
    if (!bought.ok) throw new Error(bought.why);
    sandbox.shopper.refund(bought.order, { sku: 'MUG', quantity: 1 }, true);
    const { order } = await client.orders.get({ orderId: bought.order });
    expect(order).toMatchObject({ state: 'COMPLETED', locationId: SHOP });
    expect(order.version).toBeUndefined();
    const { payment } = await client.payments.get({ paymentId: order.tenders[0].paymentId });
    expect(payment).toMatchObject({ orderId: bought.order, status: 'COMPLETED' });
    const { orders } = await client.orders.search({
      locationIds: [SHOP, ONLINE],
      query: {
        filter: { dateTimeFilter: { updatedAt: { startAt: '2020-01-01T00:00:00Z' } } },
        sort: { sortField: 'UPDATED_AT', sortOrder: 'ASC' },
      },
    });
    expect(orders[1].returns[0]).toMatchObject({ sourceOrderId: bought.order });
    expect(orders[1].returns[0].returnLineItems[0].quantity).toBe('1');
  });

  it('registers a webhook, and finds every delivery authentic; so do we, and it finds ours authentic', async () => {
    const { sandbox, hooks, hookUrl, client, application } = await onSockets();
    await expect(client.webhooks.subscriptions.list()).rejects.toThrow();
    const { subscription } = await application.webhooks.subscriptions.create({
      idempotencyKey: 'one',
      subscription: { name: 'x', eventTypes: [...EVENT_TYPES], notificationUrl: hookUrl, apiVersion: '2026-05-20' },
    });
    const { signatureKey } = subscription;
    sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    await until(() => hooks.length >= 4);
    expect(new Set(hooks.map(({ body }) => JSON.parse(Buffer.from(body as Uint8Array).toString()).type))).toEqual(
      new Set(['order.created', 'payment.created', 'payment.updated', 'inventory.count.updated']),
    );
    const config = square.config.parse({
      account: sandbox.account,
      accessToken: 'x',
      webhookSecret: signatureKey,
      notificationUrl: hookUrl,
    });
    for (const { headers, body } of hooks) {
      const requestBody = Buffer.from(body as Uint8Array).toString('utf8');
      const signatureHeader = headers[SIGNATURE_HEADER]!;
      const judged = (text: string, notificationUrl = hookUrl) =>
        sdk.WebhooksHelper.verifySignature({ requestBody: text, signatureHeader, signatureKey, notificationUrl });
      expect(await judged(requestBody)).toBe(true);
      expect(await judged(requestBody.replace('2', '3'))).toBe(false);
      const delivery = {
        method: 'POST',
        path: '/x',
        headers,
        body: body as Uint8Array,
        receivedAt: '2026-11-24T00:00:00Z',
      };
      expect(verify(delivery, config).verdict).toBe('ok');
      expect(verify(delivery, { ...config, notificationUrl: `${hookUrl}/` })).toMatchObject({ why: 'bad-signature' });
      expect(await judged(requestBody, `${hookUrl}/`)).toBe(false);
    }
  });
});
