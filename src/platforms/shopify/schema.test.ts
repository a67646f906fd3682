import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { vendorFolder, vendorModule } from '../../platform/testing/outside.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { API_VERSION, facts } from './facts.ts';
import { shopify } from './index.ts';
import { COST_MAX, requestedCost } from './sandbox/cost.ts';
import { parse } from './sandbox/parse.ts';
import { type Bench, EAST, HAT, MUG, openBench, WEST } from './testing/bench.ts';
import { AdminSchema, DOCUMENTS } from './testing/schema.ts';

const graphql = vendorModule('graphql');
const folder = vendorFolder('@shopify/dev-mcp');
const outside = graphql && folder ? { graphql, folder } : undefined;
const because = outside ? '' : ' (skipped: the vendor packages are not installed, run npm ci in test/vendor)';
const schema =
  outside && new AdminSchema(outside.graphql, readFileSync(`${outside.folder}/dist/data/admin_${API_VERSION}.json.gz`));

const dollar = '$';

describe.skipIf(!schema)(`Shopify's own schema of ${API_VERSION}${because}`, () => {
  it.each(DOCUMENTS)('takes the document %s', (_, text) => {
    expect(schema!.faults(text)).toEqual([]);
  });

  it('refuses what is wrong, or it would prove nothing', () => {
    expect(schema!.faults('query Q { orders(first: 1) { nodes { id, updated } } }')).toHaveLength(1);
    expect(schema!.faults('query Q { order { id } }')).toHaveLength(1);
    expect(schema!.variableFaults(`query Q(${dollar}id: ID!) { order(id: ${dollar}id) { id } }`, {})).toHaveLength(1);
    const text = 'query Q { shop { name myshopifyDomain } }';
    expect(schema!.answerFaults(text, {}, { shop: { name: 'x', myshopifyDomain: 'y' } })).toEqual([]);
    expect(schema!.answerFaults(text, {}, { shop: { name: 'x' } }).join()).toContain('myshopifyDomain is missing');
    expect(schema!.answerFaults(text, {}, { shop: { name: 'x', myshopifyDomain: null } })).not.toEqual([]);
    expect(schema!.answerFaults(text, {}, { shop: { name: 'x', myshopifyDomain: 'y', more: 1 } })).not.toEqual([]);
  });

  it('takes every call of a day, variables included, and the stand-in answers in its shapes', async () => {
    const clock = virtualClock();
    const bench = openBench(clock, { locations: PLACES.map((id) => ({ id, name: `Place ${id}` })) });
    await aDay(bench);
    const asked = new Set<string>();
    for (const { request, response } of bench.exchanges) {
      if (!request.url.endsWith('graphql.json')) continue;
      const { query, variables } = JSON.parse(bodyText(request)) as {
        query: string;
        variables: Record<string, unknown>;
      };
      asked.add(query);
      const { data, errors } = JSON.parse(bodyText(response));
      expect(errors).toBeUndefined();
      expect(schema!.variableFaults(query, variables)).toEqual([]);
      expect(schema!.answerFaults(query, variables, data)).toEqual([]);
    }
    expect([...asked].sort()).toEqual(DOCUMENTS.map(([, text]) => text).sort());
  });
});

describe('what a document costs', () => {
  const COSTS: Record<string, { op: keyof typeof facts.operations; variables?: Record<string, unknown> }> = {
    INSTALLATION: { op: 'installation' },
    LOCATIONS: { op: 'locations' },
    LISTINGS: { op: 'listings' },
    LEVELS: { op: 'levels', variables: { location: 'gid' } },
    READ_LEVELS: { op: 'readLevels', variables: { location: 'gid', ids: Array(facts.read.batchMax).fill('gid') } },
    SET_QUANTITIES: { op: 'setQuantities', variables: { input: {}, key: 'key' } },
    ORDER_FEED: { op: 'orderFeed', variables: { query: '' } },
    ORDER: { op: 'order', variables: { id: 'gid' } },
    ORDER_LINES: { op: 'orderLines', variables: { id: 'gid' } },
    ORDER_PLACES: { op: 'orderPlaces', variables: { id: 'gid' } },
    ORDER_RETURNS: { op: 'orderReturns', variables: { id: 'gid' } },
    ORDER_LISTS: { op: 'orderLists', variables: { id: 'gid' } },
    ORDER_PARTS: { op: 'orderParts', variables: { id: 'gid', parts: Array(4).fill('gid') } },
    HOOKS: { op: 'hooks' },
    HOOK_CREATE: { op: 'hookCreate', variables: { topic: 'ORDERS_CREATE', hook: {} } },
    HOOK_DELETE: { op: 'hookDelete', variables: { id: 'gid' } },
  };

  it.each(DOCUMENTS)('%s asks for what the facts declare, and never for more than a query may', (name, text) => {
    const { op, variables = {} } = COSTS[name]!;
    const cost = requestedCost(parse(text), variables);
    expect(cost).toBeLessThanOrEqual(COST_MAX);
    expect(facts.operations[op].cost).toBe(cost);
  });
});

const PLACES = [EAST, WEST, '68000000003', '68000000004', '68000000005'];

/** Every call there is, at least once: orders of all kinds and sizes, long ones, returns, writes, webhooks. */
async function aDay(bench: Bench): Promise<void> {
  const { sandbox, client, clock } = bench;
  const many = Array.from({ length: 30 }, (_, index) => ({
    sku: `S${index}`,
    title: `Small ${index}`,
    stock: { [EAST]: 100, [WEST]: 100 },
  }));
  const wide = { sku: 'WIDE', title: 'Wide', stock: Object.fromEntries(PLACES.map((id) => [id, 1])) };
  sandbox.seed([MUG, HAT, { sku: 'LOOSE', title: 'Loose', stock: {}, untracked: true }, ...many, wide]);
  const config = bench.config();
  const hookUrl = 'https://onhand.test/hooks/1';
  await bench.run(shopify.check(client, config));
  await bench.run(shopify.subscribe!(client, config, hookUrl));
  await bench.run(shopify.checkSubscription!(client, config, hookUrl));
  await bench.run(shopify.listListings(client, config, null));
  for (let cursor: string | null = null; ; ) {
    const page: { next: string | null } = await bench.run(shopify.listLevels(client, config, cursor));
    cursor = page.next;
    if (cursor === null) break;
  }
  const item = (await bench.run(shopify.listListings(client, config, null))).items[0]!;
  const cell = { stockKey: item.stockKey, location: EAST };
  const [level] = await bench.run(shopify.readLevels(client, config, [cell]));
  await bench.run(
    shopify.pushLevels(client, config, [
      { cell, want: 9, expect: level!.available, asOf: level!.readAt, key: 'k', why: 'count' },
      { cell: { ...cell, location: WEST }, want: 9, expect: 77, asOf: level!.readAt, key: 'l', why: 'sync' },
    ]),
  );
  const place = (lines: { sku: string; quantity: number }[], location: string | null = null) => {
    const bought = sandbox.shopper.buy({ lines, location });
    if (!bought.ok) throw new Error(bought.why);
    return bought.order;
  };
  const spread = place([{ sku: 'MUG', quantity: 13 }]);
  sandbox.shopper.fulfil(spread, [{ sku: 'MUG', quantity: 11 }]);
  const long = place(many.map(({ sku }) => ({ sku, quantity: 30 })));
  for (let parcel = 0; parcel < 26; parcel += 1) sandbox.shopper.fulfil(long, [{ sku: 'S0', quantity: 1 }]);
  sandbox.shopper.refund(long, { sku: 'S0', quantity: 2 }, true);
  sandbox.staff.takeBack(long, 'S0', 1, WEST);
  sandbox.staff.writeOff(long, 'S1', 3);
  sandbox.staff.move(long, 'S2', EAST, WEST, 4);
  const till = place([{ sku: 'HAT', quantity: 1 }], EAST);
  const loose = place([{ sku: 'LOOSE', quantity: 2 }]);
  const cancelled = place([{ sku: 'MUG', quantity: 1 }]);
  sandbox.shopper.cancel(cancelled);
  const everywhere = place([{ sku: 'WIDE', quantity: 5 }]);
  for (const order of [everywhere, spread, long, till, loose, cancelled])
    await bench.run(shopify.fetchDocument(client, config, `order:${order}`));
  await bench.run(shopify.poll(client, config, 'orders', null, new Date(clock.now() - 1000).toISOString()));
  await bench.run(shopify.unsubscribe!(client, config, hookUrl));
}
