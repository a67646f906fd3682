import type { HttpResponse } from '../../../platform/http.ts';
import type { Routed, Router, StockItem } from '../../../platform/sandbox-kit/index.ts';
import { badParam, idList, listed, ok, Refusal } from './answers.ts';
import { itemJson, parentJson, variationJson } from './product-json.ts';
import type { Parent, Shop } from './shop.ts';

type Row = { item: StockItem } | { parent: Parent };

const idOf = (row: Row): number => ('item' in row ? Number(row.item.id) : row.parent.id);

/** Products, variations and their batches. */
export function productRoutes(shop: Shop, router: Router): void {
  const { shelves } = shop.book;
  const print = (row: Row) => ('item' in row ? itemJson(shop, row.item) : parentJson(shop, row.parent));
  const products = (): Row[] => [
    ...shelves.items.filter((item) => !shop.parentOf.has(item)).map((item) => ({ item })),
    ...[...shop.parents.values()].map((parent) => ({ parent })),
  ];
  const variations = (): Row[] => [...shop.parentOf.keys()].map((item) => ({ item }));

  router.on('GET', '/wp-json/wc/v3/products', ({ query }) => {
    // Asked for by SKU, variations are found here too.
    const rows = query.has('sku') ? [...products(), ...variations()] : products();
    return listed(shop, filtered(rows, query), query, print);
  });
  router.on('GET', '/wp-json/wc/v3/variations', ({ query }) => {
    if (!shop.hasVariationsRoute)
      throw new Refusal(404, 'rest_no_route', 'No route was found matching the URL and request method.');
    return listed(shop, filtered(variations(), query), query, print);
  });
  router.on('GET', '/wp-json/wc/v3/products/{id}', ({ params }) => {
    const row = [...products(), ...variations()].find((one) => idOf(one) === Number(params['id']));
    if (!row) throw new Refusal(404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
    return ok(shop, print(row));
  });
  for (const method of ['PUT', 'POST', 'PATCH'] as const)
    router.on(method, '/wp-json/wc/v3/products/{id}', (routed) =>
      ok(shop, written(shop, print, productOf(shop, routed.params['id']!), bodyOf(routed), true)),
    );
  batchOn(shop, router, '/wp-json/wc/v3/products/batch', (_, id, change) =>
    written(shop, print, productOf(shop, id), change, false),
  );

  const under = '/wp-json/wc/v3/products/{parent}/variations';
  const one = (item: StockItem) => variationJson(shop, item);
  router.on('GET', under, ({ params, query }) => {
    const parent = shop.parents.get(Number(params['parent']));
    const rows = (parent?.variations ?? []).map((item): Row => ({ item }));
    return listed(shop, filtered(rows, query), query, (row) => one((row as { item: StockItem }).item));
  });
  router.on('GET', `${under}/{id}`, ({ params }) =>
    ok(shop, one(variationOf(shop, params['parent']!, params['id']!, 404))),
  );
  for (const method of ['PUT', 'POST', 'PATCH'] as const)
    router.on(method, `${under}/{id}`, (routed) => {
      const item = variationOf(shop, routed.params['parent']!, routed.params['id']!, 404);
      return ok(
        shop,
        written(shop, () => one(item), { item }, bodyOf(routed), true),
      );
    });
  batchOn(shop, router, `${under}/batch`, (params, id, change) => {
    const item = variationOf(shop, params['parent']!, id, 400);
    return written(shop, () => one(item), { item }, change, false);
  });
}

type Change = Record<string, unknown>;

function bodyOf(routed: Routed): Change {
  let body: unknown;
  try {
    body = routed.json();
  } catch {
    throw new Refusal(400, 'rest_invalid_json', 'Invalid JSON body passed.', { json_error_code: 4 });
  }
  return typeof body === 'object' && body !== null ? (body as Change) : {};
}

/** One call, many rows; each fails or succeeds alone, and the answer is 200 whatever happened. */
function batchOn(
  shop: Shop,
  router: Router,
  path: string,
  update: (params: Record<string, string>, id: string, change: Change) => unknown,
): void {
  const handle = (routed: Routed): HttpResponse => {
    const body = bodyOf(routed);
    const lists = ['create', 'update', 'delete'].map((name) =>
      Array.isArray(body[name]) ? (body[name] as unknown[]) : [],
    );
    if (lists.reduce((sum, list) => sum + list.length, 0) > shop.batchMax)
      throw new Refusal(
        413,
        'woocommerce_rest_request_entity_too_large',
        `Unable to accept more than ${shop.batchMax} items for this request.`,
      );
    const rows = (lists[1] as Change[]).map((change) => {
      const id = String(change['id'] ?? '0');
      try {
        return update(routed.params, id, change);
      } catch (error) {
        if (error instanceof Refusal) return { id: Number(id), error: error.body() };
        throw error;
      }
    });
    // PHP prints an empty map as a list.
    return ok(shop, rows.length > 0 ? { update: rows } : []);
  };
  for (const method of ['POST', 'PUT', 'PATCH'] as const) router.on(method, path, handle);
}

function productOf(shop: Shop, id: string): Row {
  const parent = shop.parents.get(Number(id));
  if (parent) return { parent };
  const item = shop.book.shelves.itemById(String(Number(id)));
  if (!item) throw new Refusal(400, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
  if (shop.parentOf.has(item))
    throw new Refusal(
      404,
      'woocommerce_rest_invalid_product_id',
      'To manipulate product variations you should use the /products/<product_id>/variations/<id> endpoint.',
    );
  return { item };
}

function variationOf(shop: Shop, parent: string, id: string, status: number): StockItem {
  const item = shop.parents.get(Number(parent))?.variations.find((one) => one.id === String(Number(id)));
  if (!item) throw new Refusal(status, 'woocommerce_rest_product_variation_invalid_id', 'Invalid ID.');
  return item;
}

/** Whose number a write to this row changes; none for a variation that sells from its product's stock, and the reverse. */
function keptBy(shop: Shop, row: Row): StockItem | undefined {
  if ('parent' in row) return row.parent.keeps ? row.parent.variations[0] : undefined;
  return shop.parentOf.get(row.item)?.keeps ? undefined : row.item;
}

/** Absolute; ignored in silence where the product, or the whole shop, does not manage stock. */
function written(shop: Shop, print: (row: Row) => unknown, row: Row, change: Change, strict: boolean): unknown {
  const given = change['stock_quantity'];
  if (strict && given !== undefined && given !== null && !/^-?\d+$/.test(String(given)))
    throw badParam('stock_quantity', 'integer');
  const item = keptBy(shop, row);
  if (item) {
    if (typeof change['manage_stock'] === 'boolean') item.tracked = change['manage_stock'];
    const units = given === undefined || given === null ? undefined : Math.trunc(Number(given)) || 0;
    if (units !== undefined && item.tracked && shop.manageStock) shop.book.write(item.levels[0]!, { available: units });
  }
  const printed = print(row) as Record<string, unknown>;
  // Answers to writes are printed for editing.
  return 'slug' in printed
    ? {
        ...printed,
        permalink_template: `https://${shop.options.name}.example/product/%pagename%/`,
        generated_slug: printed['slug'],
      }
    : printed;
}

/** Filters and order of the list endpoints, as far as anybody here uses them. */
function filtered(rows: Row[], query: URLSearchParams): Row[] {
  const include = idList(query, 'include');
  const exclude = idList(query, 'exclude');
  const skus = query.get('sku')?.split(',');
  const type = query.get('type');
  const chosen = rows.filter((row) => {
    if (include && !include.has(idOf(row))) return false;
    if (exclude?.has(idOf(row))) return false;
    if (skus && !('item' in row && skus.includes(row.item.sku))) return false;
    return type === null || ('item' in row ? 'simple' : 'variable') === type;
  });
  const ascending = query.get('order') === 'asc';
  return chosen.sort((a, b) => (ascending ? idOf(a) - idOf(b) : idOf(b) - idOf(a)));
}
