import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyText, type HttpResponse, jsonResponse } from '../../platform/http.ts';
import type { SandboxOptions } from '../../platform/sandbox.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { SyntaxProblem } from './sandbox/language.ts';
import { parse } from './sandbox/parse.ts';
import { type Bench, EAST, HAT, MUG, openBench, WEST } from './testing/bench.ts';

function open(more: Partial<SandboxOptions> = {}) {
  const bench = openBench(virtualClock(), more);
  bench.sandbox.seed([MUG, HAT]);
  return bench;
}

type Answer = {
  data?: Record<string, never>;
  errors?: { message: string; extensions: { code: string } }[];
  extensions?: never;
};

async function send(bench: Bench, body: unknown, token = bench.sandbox.access.fixedToken): Promise<HttpResponse> {
  return bench.sandbox.handle({
    method: 'POST',
    url: 'https://mugs.myshopify.com/admin/api/2026-10/graphql.json',
    headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
    body: JSON.stringify(body),
  });
}

const ask = async (bench: Bench, query: string, variables: object = {}, operationName?: string): Promise<Answer> =>
  JSON.parse(bodyText(await send(bench, { query, variables, operationName })));

const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;

describe('the stand-in reads GraphQL as clients write it', () => {
  it('aliases, fragments named and inline, variables with defaults, skip and include, comments, commas, operation names', async () => {
    const bench = open();
    const answer = await ask(
      bench,
      `# two operations
      query One($n: Int = 1, $no: Boolean = false) {
        first: productVariants(first: $n) { ...Names pageInfo { hasNextPage } }
        second: productVariants(first: 5, after: null) { edges { node { ... on ProductVariant { sku } __typename } } },
        shop { name @skip(if: true) myshopifyDomain, hidden: name @include(if: $no) }
      }
      fragment Names on ProductVariantConnection { nodes { sku } }
      query Two { shop { name } }`,
      {},
      'One',
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({
      first: { nodes: [{ sku: 'MUG' }], pageInfo: { hasNextPage: true } },
      second: {
        edges: [
          { node: { sku: 'MUG', __typename: 'ProductVariant' } },
          { node: { sku: 'HAT', __typename: 'ProductVariant' } },
        ],
      },
      shop: { myshopifyDomain: 'mugs.myshopify.com' },
    });
    expect(codeOf(await ask(bench, 'query A { shop { name } } query B { shop { name } }'))).toBe(
      'OPERATION_NAME_MISSING',
    );
  });

  it('refuses what the vendor refuses, each in its way', async () => {
    const bench = open();
    const cases: [string, string][] = [
      ['{ shop { nickname } }', 'undefinedField'],
      ['{ nothing }', 'undefinedField'],
      ['{ shop }', 'selectionMismatch'],
      ['{ shop { name { text } } }', 'selectionMismatch'],
      ['{ shop { ', 'syntaxError'],
      ['{ shop { ...Nowhere } }', 'useAndDefineFragment'],
      ['{ shop { ...A } } fragment A on Shop { ...A }', 'infiniteLoop'],
      ['{ productVariants { nodes { id } } }', 'BAD_USER_INPUT'],
      ['{ productVariants(first: 251) { nodes { id } } }', 'BAD_USER_INPUT'],
      ['{ productVariants(first: 1, after: "junk") { nodes { id } } }', 'INVALID_CURSOR'],
      ['{ order(id: "7") { id } }', 'argumentLiteralsIncompatible'],
      ['{ orders(first: 1, query: "updated_at:>=\'soon\'") { nodes { id } } }', 'BAD_USER_INPUT'],
      ['query Q($id: ID!) { order(id: $id) { id } }', 'INVALID_VARIABLE'],
      ['query Q($n: Int!) { productVariants(first: $n) { nodes { id } } }', 'INVALID_VARIABLE'],
      ['{ orders(first: 250) { nodes { lineItems(first: 100) { nodes { id } } } } }', 'MAX_COST_EXCEEDED'],
    ];
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    for (const [query, code] of cases) {
      const answer = await ask(bench, query);
      expect([query, codeOf(answer)]).toEqual([query, code]);
      expect(answer.data).toBeUndefined();
    }
    expect(JSON.parse(bodyText(await send(bench, { nothing: 1 })))).toEqual({
      errors: { query: 'Required parameter missing or invalid' },
    });
    expect((await send(bench, { query: '{ shop { name } }' }, 'shpat_other')).status).toBe(401);
    const lost = await bench.sandbox.handle({
      method: 'POST',
      url: 'https://x.test/admin/api/1999/graphql.json',
      headers: {},
    });
    expect(lost.status).toBe(404);
  });

  it('whatever is sent as a document: parsed, or refused with a reason', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '...',
      'on',
      'a',
      ':',
      '$b',
      '"t"',
      '1',
      '@skip',
      '[',
      ']',
      '!',
      'query',
      '=',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
        ),
        (text) => {
          try {
            expect(parse(text).operations.length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxProblem);
          }
        },
      ),
    );
    expect(() => parse(`{ a ${'{ a '.repeat(5_000)}`)).toThrow('nested');
  });

  it('walks by cursor and by id, across kinds', async () => {
    const bench = open();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 12 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    const gid = `gid://shopify/Order/${bought.order}`;
    const { data } = await ask(
      bench,
      `query Q($id: ID!) {
        node(id: $id) { ... on Order { name fulfillmentOrders(first: 1) { nodes { assignedLocation { name } } pageInfo { endCursor } } } }
        orders(first: 3, query: "source_name:web AND updated_at:>='2001-01-01T00:00:00Z'") { nodes { id sourceName } }
        none: orders(first: 3, query: "source_name:pos") { nodes { id } }
        inventoryItems(first: 1, query: "sku:'HAT'") { nodes { sku inventoryLevels(first: 5) { nodes { location { name } quantities(names: ["on_hand", "committed"]) { name quantity } } } } }
      }`,
      { id: gid },
    );
    expect(data).toMatchObject({
      node: { name: '#1001', fulfillmentOrders: { nodes: [{ assignedLocation: { name: 'East' } }] } },
      orders: { nodes: [{ id: gid, sourceName: 'web' }] },
      none: { nodes: [] },
      inventoryItems: {
        nodes: [
          { sku: 'HAT', inventoryLevels: { nodes: [{ location: { name: 'East' } }, { location: { name: 'West' } }] } },
        ],
      },
    });
  });

  it('adjusts too, relative, below zero if it must, and takes on_hand', async () => {
    const bench = open();
    const { data } = await ask(bench, '{ productVariants(first: 1) { nodes { inventoryItem { id } } } }');
    const item = (data as never as { productVariants: { nodes: { inventoryItem: { id: string } }[] } }).productVariants
      .nodes[0]!.inventoryItem.id;
    const change = (delta: number, from: number | null) => ({
      input: {
        name: 'available',
        reason: 'correction',
        changes: [
          { inventoryItemId: item, locationId: `gid://shopify/Location/${EAST}`, delta, changeFromQuantity: from },
        ],
      },
    });
    const adjust = `mutation ($input: InventoryAdjustQuantitiesInput!, $key: String!) {
      inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { changes { quantityAfterChange } } userErrors { code } }
    }`;
    const done = await ask(bench, adjust, { ...change(-12, 10), key: '1' });
    expect(done.data).toMatchObject({
      inventoryAdjustQuantities: { inventoryAdjustmentGroup: { changes: [{ quantityAfterChange: -2 }] } },
    });
    const stale = await ask(bench, adjust, { ...change(1, 10), key: '2' });
    expect(stale.data).toMatchObject({
      inventoryAdjustQuantities: { userErrors: [{ code: 'CHANGE_FROM_QUANTITY_STALE' }] },
    });
    const same = await ask(bench, adjust, { ...change(-12, 10), key: '1' });
    expect(same.data).toEqual(done.data);
    const again = await ask(bench, adjust, { ...change(1, -2), key: '2' });
    expect(again.data).toMatchObject({
      inventoryAdjustQuantities: { userErrors: [{ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH' }] },
    });
    expect(bench.sandbox.shown().find((row) => row.sku === 'MUG' && row.location === EAST)?.available).toBe(-2);
  });
});

describe('the stand-in has the vendor’s limits', () => {
  const BIG = '{ productVariants(first: 250) { nodes { id product { id } inventoryItem { id } } } }';

  it('a bucket of 2,000 points, refilled with 100 a second; what was not used comes back', async () => {
    const bench = open();
    const buckets: number[] = [];
    for (let call = 0; call < 3; call += 1) {
      const { extensions } = (await ask(bench, BIG)) as never as {
        extensions: {
          cost: { requestedQueryCost: number; actualQueryCost: number; throttleStatus: { currentlyAvailable: number } };
        };
      };
      expect([extensions.cost.requestedQueryCost, extensions.cost.actualQueryCost]).toEqual([752, 7]);
      buckets.push(extensions.cost.throttleStatus.currentlyAvailable);
    }
    expect(buckets).toEqual([1993, 1986, 1979]);
    // Really used up: orders with nothing to give back.
    const many = Array.from({ length: 260 }, (_, index) => ({ sku: `S${index}`, title: 'x', stock: {} }));
    bench.sandbox.seed(many);
    expect(codeOf(await ask(bench, BIG))).toBeUndefined();
    expect(codeOf(await ask(bench, BIG))).toBeUndefined();
    const refused = await ask(bench, BIG);
    expect(codeOf(refused)).toBe('THROTTLED');
    expect(refused.data).toBeUndefined();
    await bench.clock.advance(8_000);
    expect(codeOf(await ask(bench, BIG))).toBeUndefined();
  });

  it('times the factor, or none at all', async () => {
    const status = async (bench: Bench) =>
      ((await ask(bench, '{ shop { name } }')) as never as { extensions: { cost: { throttleStatus: object } } })
        .extensions.cost.throttleStatus;
    expect(await status(open({ factor: 50 }))).toMatchObject({ maximumAvailable: 100_000, restoreRate: 5_000 });
    const free = open({ unlimited: true });
    for (let call = 0; call < 20; call += 1) expect(codeOf(await ask(free, BIG))).toBeUndefined();
  });
});

describe('the stand-in’s webhooks', () => {
  const subscribe = (bench: Bench, topic: string, uri = 'https://onhand.test/hooks/1') =>
    ask(
      bench,
      `mutation ($topic: WebhookSubscriptionTopic!, $uri: String) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri }) { userErrors { message } }
      }`,
      { topic, uri },
    );

  it('a failed one is repeated eight times in four hours, each time with the body of the first', async () => {
    const bodies: string[] = [];
    const times: number[] = [];
    const clock = virtualClock();
    const bench = openBench(clock, {
      deliver: async (hook) => {
        bodies.push(bodyText(hook));
        times.push(clock.now());
        return jsonResponse(bodies.length < 8 ? 500 : 200, '');
      },
    });
    bench.sandbox.seed([MUG]);
    await subscribe(bench, 'ORDERS_CREATE');
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    await clock.advance(60_000);
    bench.sandbox.shopper.fulfil(bought.order);
    await clock.advance(5 * 3_600_000);
    expect(bodies).toHaveLength(8);
    expect(new Set(bodies).size).toBe(1);
    expect(times.at(-1)! - times[0]!).toBeLessThan(4 * 3_600_000);
    expect(bench.sandbox.quiet()).toBe(true);
    expect(bench.sandbox.hookTopics()).toEqual(['ORDERS_CREATE']);
  });

  it('one event, one event id, however many listen; a webhook id for each', async () => {
    const bench = open();
    await subscribe(bench, 'ORDERS_CREATE');
    await subscribe(bench, 'ORDERS_CREATE', 'https://onhand.test/hooks/2');
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    await bench.clock.advance(5_000);
    const ids = (name: string) => new Set(bench.deliveries.map(({ headers }) => headers[name]));
    expect([bench.deliveries.length, ids('x-shopify-event-id').size, ids('x-shopify-webhook-id').size]).toEqual([
      2, 1, 2,
    ]);
  });

  it('shipping moves nothing that shoppers see, and tells no level; our own write comes back as one', async () => {
    const bench = open();
    await subscribe(bench, 'INVENTORY_LEVELS_UPDATE');
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    bench.sandbox.shopper.fulfil(bought.order);
    bench.sandbox.shopper.edit('HAT', WEST, 6);
    await bench.clock.advance(5_000);
    const told = bench.deliveries.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
    expect(told.map(({ location_id, available }) => [location_id, available]).sort()).toEqual([
      [Number(EAST), 9],
      [Number(WEST), 6],
    ]);
  });

  it('the same seed and the same deeds give the same webhooks, byte for byte', async () => {
    const life = async () => {
      const bench = open();
      for (const topic of ['ORDERS_CREATE', 'ORDERS_UPDATED', 'REFUNDS_CREATE', 'INVENTORY_LEVELS_UPDATE'])
        await subscribe(bench, topic);
      for (let order = 0; order < 5; order += 1) {
        const bought = bench.sandbox.shopper.buy({
          lines: [{ sku: 'MUG', quantity: 1 + (order % 2) }],
          location: null,
        });
        if (bought.ok) bench.sandbox.shopper[order % 2 ? 'cancel' : 'fulfil'](bought.order);
        await bench.clock.advance(300);
      }
      await bench.clock.advance(10_000);
      return bench.deliveries.map(({ headers, body }) => [headers, Buffer.from(body).toString()]);
    };
    expect(await life()).toEqual(await life());
  });
});

describe('the stand-in’s shop', () => {
  it('never sells what it has not got, online or at a till', () => {
    const { sandbox } = open();
    const buy = (quantity: number, location: string | null) =>
      sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity }], location }).ok;
    expect([buy(4, null), buy(2, EAST), buy(2, null), buy(1, WEST), buy(1, null), buy(1, null)]).toEqual([
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect([sandbox.oversold(), sandbox.shown().filter(({ available }) => available < 0)]).toEqual([0, []]);
  });

  it('after uninstalling every token is dead, and the shop says so', async () => {
    const bench = open();
    const desk = (secret: string) =>
      bench.sandbox.handle({
        method: 'POST',
        url: 'https://x.test/admin/oauth/access_token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `client_id=${bench.config().clientId}&client_secret=${secret}&grant_type=client_credentials`,
      });
    expect((await desk('wrong')).status).toBe(400);
    const { access_token } = JSON.parse(bodyText(await desk(bench.config().webhookSecret!)));
    expect((await send(bench, { query: '{ shop { name } }' }, access_token)).status).toBe(200);
    bench.sandbox.staff.uninstall();
    expect((await send(bench, { query: '{ shop { name } }' }, access_token)).status).toBe(401);
    expect((await send(bench, { query: '{ shop { name } }' })).status).toBe(401);
  });
});
