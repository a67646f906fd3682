import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../../platform/http.ts';
import { virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { type Bench, EAST, HAT, MUG, openBench } from '../testing/bench.ts';
import { ask, codeOf, send } from '../testing/graphql.ts';
import { SyntaxProblem } from './language.ts';
import { parse } from './parse.ts';

function open(): Bench {
  const bench = openBench(virtualClock());
  bench.sandbox.seed([MUG, HAT]);
  return bench;
}

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
